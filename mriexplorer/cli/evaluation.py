"""The verb of the judge: evaluate people, evaluate maps."""

from argparse import ArgumentParser, Namespace, _SubParsersAction
from pathlib import Path
from typing import TYPE_CHECKING

from mriexplorer.cli.progress import note, say, stoppable
from mriexplorer.cli.values import (
    add_conditions,
    add_device,
    add_folding,
    add_workers,
    count,
    given_conditions,
    target,
)

if TYPE_CHECKING:
    from mriexplorer.api import Evaluation

_EVALUATE = "How real synthetic people are, or whether maps are true: evaluation.json, and one HTML report that needs no network."
_PEOPLE = (
    "Compare synthetic people with real ones: of a model, which is sampled, or of a folder of BIDS people of any maker. Images, "
    "anatomy, T1 and T2, records, whether image and record fit each other, copies of trained people; beside every figure what "
    "real people among themselves give. The same command goes on where it was stopped."
)
_MAPS = (
    "Figures of a model that turns scans into maps, on people who were kept from training: maps against the truth, every scan "
    "again, a scan that was left out, how honest the intervals are. Written to the report's folder, or to MODEL. With -o the "
    "same command goes on where it was stopped."
)
_NO_PICTURES = "show no images of real people in the report"


def _people(options: Namespace) -> int:
    from mriexplorer.api import evaluate_people

    with stoppable():
        found = evaluate_people(
            options.people, options.real, options.output, n=options.number, seed=options.seed, voxel=options.voxel,
            field=options.field, folding=options.folding, baselines=options.baselines, pictures=not options.no_pictures,
            device=options.device, precision=options.precision, jobs=options.jobs, scheduler=options.scheduler, progress=say,
            **given_conditions(options),
        )  # fmt: skip
    return _tell(found)


def _maps(options: Namespace) -> int:
    from mriexplorer.api import evaluate_maps

    with stoppable():
        found = evaluate_maps(
            options.model, options.data, options.output, calibrate=options.calibrate or (), everyone=options.everyone,
            pictures=not options.no_pictures, device=options.device, precision=options.precision, jobs=options.jobs,
            scheduler=options.scheduler, progress=say,
        )  # fmt: skip
    return _tell(found)


def _tell(found: "Evaluation") -> int:
    note(found.result.warnings)
    print(found.tables)
    print(f"\n{found.report}")
    return 0


def _add_people(parser: ArgumentParser) -> None:
    what = "a shipped model, the folder of one that was trained, or a folder of BIDS people"
    parser.add_argument("people", metavar="MODEL|DATASET", help=what)
    what = "real people: a store that gather made, or a folder of BIDS people"
    parser.add_argument("--real", type=Path, required=True, metavar="DATASET|STORE", help=what)
    parser.add_argument("-o", "--output", type=target, required=True, metavar="REPORT", help="a folder for report and numbers")
    what = "how many people a model is asked for; default: %(default)s"
    parser.add_argument("-n", "--number", type=count, default=200, metavar="N", help=what)
    parser.add_argument("--seed", type=count, default=1, metavar="S", help="of the first sampled person; default: 1")
    parser.add_argument("--voxel", type=int, choices=(1, 2), default=1, help="voxel edge of sampled maps in mm; default: 1")
    what = "tesla of sampled maps; default: that of the real people where it is told, else 3"
    parser.add_argument("--field", type=float, choices=(1.5, 3.0, 7.0), help=what)
    add_folding(parser)
    parser.add_argument("--baselines", action="store_true", help="train CTGAN and TVAE on the real records, for comparison")
    parser.add_argument("--no-pictures", action="store_true", help=_NO_PICTURES)
    add_device(parser)
    add_conditions(parser)
    add_workers(parser)
    parser.set_defaults(run=_people)


def _add_maps(parser: ArgumentParser) -> None:
    parser.add_argument("model", metavar="MODEL", help="the folder of a model that was trained, or the name of a shipped one")
    parser.add_argument(
        "--data", type=Path, nargs="+", required=True, metavar="STORE", help="stores of gathered people with scans"
    )
    parser.add_argument("-o", "--output", type=target, metavar="REPORT", help="a folder for the report; default: MODEL")
    what = "first fit the intervals to the validation sets of these stores"
    parser.add_argument("--calibrate", type=Path, nargs="+", metavar="STORE", help=what)
    what = "take everyone, not one set: for stores of people who were kept from training"
    parser.add_argument("--everyone", action="store_true", help=what)
    parser.add_argument("--no-pictures", action="store_true", help=_NO_PICTURES)
    add_device(parser)
    add_workers(parser)
    parser.set_defaults(run=_maps)


def add_evaluate_verb(verbs: "_SubParsersAction[ArgumentParser]") -> None:
    """Add the verb of this file to the command line."""
    evaluate = verbs.add_parser("evaluate", help="judge a model: its people, or its maps", description=_EVALUATE)
    kinds = evaluate.add_subparsers(required=True, metavar="people|maps")
    _add_people(kinds.add_parser("people", help="how real synthetic people are", description=_PEOPLE))
    _add_maps(kinds.add_parser("maps", help="whether the maps of a patient are true", description=_MAPS))
