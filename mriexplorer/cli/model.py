"""The verbs of the model: train, evaluate, encode."""

import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace, _SubParsersAction
from contextlib import suppress
from pathlib import Path
from typing import Any

from mriexplorer.cli.values import add_device, add_precision, count, target, time
from mriexplorer.errors import InputError
from mriexplorer.places import FOLDS, PEOPLE
from mriexplorer.places import SCANS_TO_MAPS as MODEL

LEFT_OUT = "no"
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


def _lacking(what: str, error: ImportError) -> InputError:
    return InputError(f"{what} needs more packages ({error}); install them with: pip install 'mriexplorer[train]'")


def _train(options: Namespace) -> int:
    try:
        trained = _TRAINED[options.model]
        trained(options)
    except ImportError as error:
        raise _lacking("training", error) from None
    except KeyboardInterrupt:
        raise InputError("stopped; the same command goes on from the last minute.") from None
    print(f"{options.output}: trained; curves are in {options.output / 'training' / 'curves.png'}")
    return 0


def _train_autoencoder(options: Namespace) -> None:
    from mriexplorer.generative.configuration import read_configuration
    from mriexplorer.generative.training import Run, Trainer
    from mriexplorer.generative.weights import find_model

    if options.config is None:
        raise InputError("an autoencoder needs --config: a TOML file, or the name of a shipped configuration.")
    first = find_model(options.first) if options.first else None
    run = Run(options.output, read_configuration(options.config), tuple(options.data), first)
    Trainer(run, **_engine(options), nodes=options.nodes).train(_say)


def _train_joint(options: Namespace) -> None:
    from mriexplorer.generative.folds import load_folds
    from mriexplorer.generative.joint.calibration import calibrate
    from mriexplorer.generative.joint.training import JointTrainer, Run, read_plan
    from mriexplorer.generative.weights import find_model

    plan = read_plan(options.config or Path(PEOPLE))
    run = Run(options.output, plan, tuple(options.data), tuple(options.people), options.jobs)
    folds = load_folds(find_model(options.folds))
    trainer = JointTrainer(run, _say, **_engine(options))
    trainer.train(_say)
    calibrate(options.output, folds, trainer.people, _say)


def _train_folds(options: Namespace) -> None:
    from mriexplorer.cohort.anatomy import sources
    from mriexplorer.cohort.heads import heads_in_template
    from mriexplorer.cohort.workers import Workers
    from mriexplorer.generative.folds import FoldsTrainer, read_plan

    plan = read_plan(options.config or Path(FOLDS))
    paths = [path for folder in options.data for path in sources(folder) if path is not None]
    with Workers(options.jobs) as workers:
        heads = heads_in_template(paths, workers, _say)
    FoldsTrainer(options.output, plan, heads, options.kept, **_engine(options)).train(_say)


def _train_latent(options: Namespace) -> None:
    from mriexplorer.generative.latent import LatentTrainer, read_plan

    plan = read_plan(options.config or Path("published-latent-2d"))
    LatentTrainer(options.output, plan, options.data, **_engine(options)).train(_say)


def _engine(options: Namespace) -> dict[str, Any]:
    """How a training runs."""
    return {"devices": options.devices or "auto", "precision": options.precision}


_TRAINED = {"autoencoder": _train_autoencoder, "joint": _train_joint, "folds": _train_folds, "latent": _train_latent}


def _evaluate(options: Namespace) -> int:
    try:
        from mriexplorer.evaluation.report import calibrate, evaluate
    except ImportError as error:
        raise _lacking("evaluation", error) from None
    from mriexplorer.evaluation.people_report import evaluate_people
    from mriexplorer.generative.devices import chosen
    from mriexplorer.generative.weights import find_model, kind_of

    folder, device = find_model(options.model), chosen(options.device)
    if kind_of(folder) == "people":
        print(evaluate_people(folder, find_model(options.folds), options.data, options.people, device, _say, options.precision))
        return 0
    if options.calibrate:
        found = calibrate(folder, options.calibrate, device, _say, everyone=options.everyone, precision=options.precision)
        for kinds, factors in found.items():
            _say(f"spread of PD, T1, T2 of {kinds or 'other scans'} times {', '.join(f'{factor:.2f}' for factor in factors)}")
    print(evaluate(folder, options.data, device, _say, everyone=options.everyone, precision=options.precision))
    return 0


def _encode(options: Namespace) -> int:
    from mriexplorer.cohort.recognition import files_of, recognise, session_of

    read = [files_of(path, _say) for path in options.scans]
    files = list(dict.fromkeys(file for one in read for file in one.paths))
    kinds = _for_each(options.kind, files, "--kind")
    times = {name: _for_each(getattr(options, name), files, f"--{name}") for name in ("te", "tr", "ti")}
    found = [
        recognise(file, kinds[n], {name: values[n] for name, values in times.items() if values[n] is not None})
        for n, file in enumerate(files)
        if kinds[n] != LEFT_OUT
    ]
    notices = list(dict.fromkeys(notice for one in read for notice in one.notices))
    if any(one.kind for one in found):
        notices += [f"{one.path.name} is left out: {one.how}." for one in found if one.kind is None]
        found = [one for one in found if one.kind is not None]
    for notice in notices:
        print(f"mriexplorer: note: {notice}", file=sys.stderr)
    session = session_of(found, f"sub-{options.name}")
    try:
        from mriexplorer.generative.checkpoint import load_model
        from mriexplorer.generative.weights import find_model
    except ImportError as error:
        raise InputError(f"torch could not be loaded ({error}); install mriexplorer again.") from None
    from mriexplorer.generative.devices import chosen
    from mriexplorer.generative.encoded_files import free_place, write_encoded
    from mriexplorer.generative.encoding import encode

    free_place(options.output, session)
    model = load_model(find_model(options.model))
    encoded = encode(session, model, chosen(options.device), _say, options.precision)
    for notice in encoded.notices:
        print(f"mriexplorer: note: {notice}", file=sys.stderr)
    print(write_encoded(encoded, session, model, options.output))
    return 0


def _for_each(values: list[object] | None, files: list[Path], flag: str) -> list:  # type: ignore[type-arg]
    """One value for each scan, None where it was left open."""
    if values is None:
        return [None] * len(files)
    if len(values) != len(files):
        raise InputError(f"{flag} needs one value for each of the {len(files)} scans, in their order; '-' leaves one open.")
    return values


def _time_or_open(text: str) -> float | None:
    return None if text == "-" else time(text)


def _kind_or_open(text: str) -> str | None:
    from mriexplorer.cohort.sessions import KINDS

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
    add_precision(parser)
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
    add_device(parser)
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
    add_device(parser)
    parser.set_defaults(run=_encode)


def add_model_verbs(verbs: "_SubParsersAction[ArgumentParser]") -> None:
    """Add the verbs of this file to the command line."""
    _add_train(verbs.add_parser("train", help="train the model", description=_TRAIN))
    _add_evaluate(verbs.add_parser("evaluate", help="figures of a trained model", description=_EVALUATE))
    _add_encode(verbs.add_parser("encode", help="turn a patient's scans into tissue maps", description=_ENCODE))
