"""The verbs of the model: train, encode."""

from argparse import ArgumentParser, ArgumentTypeError, Namespace, _SubParsersAction
from pathlib import Path

from mriexplorer.cli.progress import note, say
from mriexplorer.cli.values import add_device, add_folding, add_precision, count, target, time
from mriexplorer.errors import InputError
from mriexplorer.extras import require
from mriexplorer.generative.kinds import TrainingRequest
from mriexplorer.generative.registry import commands, kind_of_command
from mriexplorer.places import SCANS_TO_MAPS as MODEL

_TRAIN = (
    "Train a model, on stores made by 'mriexplorer gather': the autoencoder that turns scans into tissue maps, or the joint "
    "model of records and brains (with tables of people who have no images, if there are any); on a folder of label maps, the "
    "cortical folding that sampled brains borrow. It runs on a CPU, one GPU or several; the same command goes on where it was "
    "stopped."
)
_ENCODE = (
    "Turn one patient's scans (any of T1w, T2w, PDw, FLAIR, as NIfTI or DICOM) into PD, T1 and T2 maps, with how sure each voxel "
    "is. Kind and times are read from name, sidecar or header; what is given here counts before that. Example: "
    "mriexplorer encode t1.nii.gz flair.nii.gz --te 3.16 91 --tr 2400 9000 --ti 1000 2500 -o encoded/"
)


def _train(options: Namespace) -> int:
    require("train", "training")
    request = TrainingRequest(
        folder=options.output, data=tuple(options.data), configuration=options.config, people=tuple(options.people),
        folding=options.folding, held_out=options.held_out, jobs=options.jobs, first=options.first, devices=options.devices,
        nodes=options.nodes, precision=options.precision,
    )  # fmt: skip
    try:
        kind_of_command(options.model).train(request, say)
    except KeyboardInterrupt:
        raise InputError("stopped; the same command goes on from the last minute.") from None
    print(f"{options.output}: trained; curves are in {options.output / 'training' / 'curves.png'}")
    return 0


def _encode(options: Namespace) -> int:
    from mriexplorer.dataset.chosen_scans import chosen_scans
    from mriexplorer.dataset.recognition import session_of

    times = {name: getattr(options, name) for name in ("te", "tr", "ti")}
    found, notices = chosen_scans(options.scans, options.kind, times, say)
    note(notices)
    session = session_of(found, f"sub-{options.name}")
    try:
        from mriexplorer.generative.autoencoder.patient import encode_session
    except ImportError as error:
        raise InputError(f"torch could not be loaded ({error}); install mriexplorer again.") from None
    written, notices = encode_session(session, options.output, options.model, options.device, options.precision, say)
    note(notices)
    print(written)
    return 0


def _trained(word: str) -> str:
    try:
        return kind_of_command(word).command
    except InputError as error:
        raise ArgumentTypeError(str(error)) from None


def _time_or_open(text: str) -> float | None:
    return None if text == "-" else time(text)


def _kind_or_open(text: str) -> str | None:
    from mriexplorer.dataset.chosen_scans import LEFT_OUT
    from mriexplorer.dataset.sessions import KINDS

    found = next((kind for kind in KINDS if kind.lower().rstrip("w") == text.lower().rstrip("w")), None)
    if found is None and text not in ("-", LEFT_OUT):
        raise ArgumentTypeError(f"{text!r} is none of {', '.join(KINDS)}, {LEFT_OUT}, -")
    return LEFT_OUT if text == LEFT_OUT else found


def _label(text: str) -> str:
    if not (text.isalnum() and text.isascii()):
        raise ArgumentTypeError("letters and digits only")
    return text


def _add_train(parser: ArgumentParser) -> None:
    from mriexplorer.places import resource

    shipped = ", ".join(sorted(file.stem for file in resource("training").glob("*.toml")))
    parser.add_argument("model", type=_trained, metavar="MODEL", help=f"what is trained: {', '.join(commands())}")
    parser.add_argument("--config", type=Path, metavar="FILE", help=f"a TOML file, or one of: {shipped}")
    what = "stores of gathered people; for folding, folders of label maps"
    parser.add_argument("--data", type=Path, nargs="+", required=True, metavar="DIR", help=what)
    parser.add_argument("--people", type=Path, nargs="*", default=[], metavar="TABLE", help="joint: people without images (CSV)")
    add_folding(parser, "joint: ")
    what = "folding: heads that are held out for checking; default: 3"
    parser.add_argument("--held-out", "--kept", type=count, default=3, metavar="N", help=what)
    parser.add_argument("--jobs", type=count, default=1, help="processes that prepare the data; default: 1")
    parser.add_argument("-o", "--output", type=target, required=True, metavar="DIR", help="the model's folder")
    parser.add_argument("--first", metavar="MODEL", help="begin with the weights of a shipped model, or of a model's folder")
    parser.add_argument("--devices", type=count, help="how many GPUs (or processes); default: what is there")
    parser.add_argument("--nodes", type=count, default=1, help="how many machines; default: 1")
    add_precision(parser)
    parser.set_defaults(run=_train)


def _add_encode(parser: ArgumentParser) -> None:
    parser.add_argument("scans", type=Path, nargs="+", metavar="SCAN", help="NIfTI files, DICOM series, or a folder of them")
    parser.add_argument(
        "--kind",
        type=_kind_or_open,
        nargs="+",
        metavar="KIND",
        help="of each scan: T1w, T2w, PDw, FLAIR, no to leave it out, or - to have it found",
    )
    for name, what in (("te", "echo"), ("tr", "repetition"), ("ti", "inversion")):
        parser.add_argument(f"--{name}", type=_time_or_open, nargs="+", metavar="MS", help=f"{what} time of each scan, or -")
    parser.add_argument(
        "-o", "--output", type=target, required=True, metavar="DIR", help="a folder; it becomes a BIDS derivative"
    )
    parser.add_argument("--name", type=_label, default="patient", metavar="LABEL", help="the person's label; default: patient")
    parser.add_argument(
        "--model", default=MODEL, help="a shipped model, or the folder of one that was trained; default: %(default)s"
    )
    add_device(parser)
    parser.set_defaults(run=_encode)


def add_model_verbs(verbs: "_SubParsersAction[ArgumentParser]") -> None:
    """Add the verbs of this file to the command line."""
    _add_train(verbs.add_parser("train", help="train the model", description=_TRAIN))
    _add_encode(verbs.add_parser("encode", help="turn a patient's scans into tissue maps", description=_ENCODE))
