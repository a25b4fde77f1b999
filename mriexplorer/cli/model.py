"""The verbs of the model: train, evaluate, encode."""

import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace, _SubParsersAction
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from mriexplorer.cli.values import count, target, time
from mriexplorer.errors import InputError
from mriexplorer.extras import require
from mriexplorer.places import FOLDS, PEOPLE
from mriexplorer.places import SCANS_TO_MAPS as MODEL

_TRAIN = (
    "Train a model, on stores made by 'mriexplorer gather': the autoencoder that turns scans into tissue maps, or the joint "
    "model of records and brains (with tables of people who have no images, if there are any); on a folder of label maps, the "
    "folds that sampled brains borrow. It runs on a CPU, one GPU or several; the same command goes on where it was stopped."
)
_ENCODE = (
    "Turn one patient's scans (any of T1w, T2w, PDw, FLAIR, as NIfTI or DICOM) into PD, T1 and T2 maps, with how sure each voxel "
    "is. Kind and times are read from name, sidecar or header; what is given here counts before that. Example: "
    "mriexplorer encode t1.nii.gz flair.nii.gz --te 3.16 91 --tr 2400 9000 --ti 1000 2500 -o encoded/"
)

_EVALUATE = (
    "Figures of a trained model on people who were kept from training. Of an autoencoder: scans again, maps against the truth, "
    "every subset of scans, contrasts it never saw, how honest its intervals are. Of a model of people: distances, slopes with "
    "age, ages from brains and from images, copies. Written to MODEL/evaluation.json, and printed as tables."
)


def _train(options: Namespace) -> int:
    require("train", "training")
    try:
        trained = _TRAINED[options.model]
        trained(options)
    except KeyboardInterrupt:
        raise InputError("stopped; the same command goes on from the last minute.") from None
    print(f"{options.output}: trained; curves are in {options.output / 'training' / 'curves.png'}")
    return 0


def _train_autoencoder(options: Namespace) -> None:
    from mriexplorer.generative.autoencoder.train import Run, Trainer
    from mriexplorer.generative.configuration import read_configuration
    from mriexplorer.generative.weights import find_model

    if options.config is None:
        raise InputError("an autoencoder needs --config: a TOML file, or the name of a shipped configuration.")
    first = find_model(options.first) if options.first else None
    run = Run(options.output, read_configuration(options.config), tuple(options.data), first)
    Trainer(run, devices=options.devices or "auto", nodes=options.nodes).train(_say)


def _train_joint(options: Namespace) -> None:
    from mriexplorer.generative.folding.network import load_folds
    from mriexplorer.generative.joint.calibration import calibrate
    from mriexplorer.generative.joint.train import JointTrainer, Run, read_plan
    from mriexplorer.generative.weights import find_model

    plan = read_plan(options.config or Path(PEOPLE))
    run = Run(options.output, plan, tuple(options.data), tuple(options.people), options.jobs)
    folds = load_folds(find_model(options.folds))
    trainer = JointTrainer(run, _say, devices=options.devices or "auto")
    trainer.train(_say)
    calibrate(options.output, folds, trainer.people, _say)


def _train_folds(options: Namespace) -> None:
    from mriexplorer.generative.folding.heads import heads_in_template
    from mriexplorer.generative.folding.network import FoldsTrainer, read_plan
    from mriexplorer.simulation.anatomy import sources
    from mriexplorer.workers import Workers

    plan = read_plan(options.config or Path(FOLDS))
    paths = [path for folder in options.data for path in sources(folder) if path is not None]
    with Workers(options.jobs) as workers:
        heads = heads_in_template(paths, workers, _say)
    FoldsTrainer(options.output, plan, heads, options.kept, devices=options.devices or "auto").train(_say)


def _train_latent(options: Namespace) -> None:
    from mriexplorer.generative.latent.network import LatentTrainer, read_plan

    plan = read_plan(options.config or Path("published-latent-2d"))
    LatentTrainer(options.output, plan, options.data, devices=options.devices or "auto").train(_say)


_TRAINED = {"autoencoder": _train_autoencoder, "joint": _train_joint, "folds": _train_folds, "latent": _train_latent}


def _evaluate(options: Namespace) -> int:
    from mriexplorer.api import evaluate

    found = evaluate(
        options.model, options.data, people=options.people, folds=options.folds, calibrate=options.calibrate or (),
        everyone=options.everyone, device=options.device, progress=_say,
    )  # fmt: skip
    print(found.tables)
    return 0


def _encode(options: Namespace) -> int:
    from mriexplorer.dataset.chosen_scans import chosen_scans
    from mriexplorer.dataset.recognition import session_of

    times = {name: getattr(options, name) for name in ("te", "tr", "ti")}
    found, notices = chosen_scans(options.scans, options.kind, times, _say)
    _note(notices)
    session = session_of(found, f"sub-{options.name}")
    try:
        from mriexplorer.generative.autoencoder.patient import encode_session
    except ImportError as error:
        raise InputError(f"torch could not be loaded ({error}); install mriexplorer again.") from None
    written, notices = encode_session(session, options.output, options.model, options.device, _say)
    _note(notices)
    print(written)
    return 0


def _note(notices: Iterable[str]) -> None:
    for sentence in notices:
        print(f"mriexplorer: note: {sentence}", file=sys.stderr)


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


def _say(what: str) -> None:
    with suppress(OSError):  # nobody listens any more; the work goes on
        print(f"mriexplorer: {what}", file=sys.stderr, flush=True)


def _add_train(parser: ArgumentParser) -> None:
    from mriexplorer.places import resource

    shipped = ", ".join(sorted(file.stem for file in resource("training").glob("*.toml")))
    parser.add_argument("model", choices=tuple(_TRAINED), help="what is trained")
    parser.add_argument("--config", type=Path, metavar="FILE", help=f"a TOML file, or one of: {shipped}")
    what = "stores of gathered people; for folds, folders of label maps"
    parser.add_argument("--data", type=Path, nargs="+", required=True, metavar="DIR", help=what)
    parser.add_argument("--people", type=Path, nargs="*", default=[], metavar="TABLE", help="joint: people without images (CSV)")
    parser.add_argument("--folds", default=FOLDS, metavar="MODEL", help="joint: whose folds brains have; default: %(default)s")
    parser.add_argument("--kept", type=count, default=3, metavar="N", help="folds: heads kept for checking; default: 3")
    parser.add_argument("--jobs", type=count, default=1, help="processes that prepare the data; default: 1")
    parser.add_argument("-o", "--output", type=target, required=True, metavar="DIR", help="the model's folder")
    parser.add_argument("--first", metavar="MODEL", help="begin with the weights of a shipped model, or of a model's folder")
    parser.add_argument("--devices", type=count, help="how many GPUs (or processes); default: what is there")
    parser.add_argument("--nodes", type=count, default=1, help="how many machines; default: 1")
    parser.set_defaults(run=_train)


def _add_evaluate(parser: ArgumentParser) -> None:
    parser.add_argument("model", help="the folder of a model that was trained, or the name of a shipped one")
    parser.add_argument("--data", type=Path, nargs="+", required=True, metavar="DIR", help="stores of gathered people with scans")
    parser.add_argument("--people", type=Path, nargs="*", default=[], metavar="TABLE", help="of people: tables that name studies")
    parser.add_argument(
        "--folds", default=FOLDS, metavar="MODEL", help="of people: whose folds brains have; default: %(default)s"
    )
    parser.add_argument(
        "--calibrate", type=Path, nargs="+", metavar="DIR", help="first fit the intervals to the validation sets of these stores"
    )
    parser.add_argument(
        "--everyone", action="store_true", help="take everyone, not one set: for stores of people who were kept from training"
    )
    parser.add_argument("--device", choices=("cpu", "cuda", "mps"), help="default: the best there is")
    parser.set_defaults(run=_evaluate)


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
    parser.add_argument("--device", choices=("cpu", "cuda", "mps"), help="default: the best there is")
    parser.set_defaults(run=_encode)


def add_model_verbs(verbs: "_SubParsersAction[ArgumentParser]") -> None:
    """Add the verbs of this file to the command line."""
    _add_train(verbs.add_parser("train", help="train the model", description=_TRAIN))
    _add_evaluate(verbs.add_parser("evaluate", help="figures of a trained model", description=_EVALUATE))
    _add_encode(verbs.add_parser("encode", help="turn a patient's scans into tissue maps", description=_ENCODE))
