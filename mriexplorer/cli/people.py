"""The verbs about people: simulate, gather, sample, estimate."""

from argparse import ArgumentParser, ArgumentTypeError, Namespace, _SubParsersAction
from pathlib import Path

from mriexplorer.cli.progress import note, say, stoppable
from mriexplorer.cli.values import add_conditions, add_device, add_folding, add_workers, count, given_conditions, target, time
from mriexplorer.errors import InputError

_SIMULATE = (
    "Write a BIDS derivative dataset of synthetic people: tissue maps, a segmentation, scans as a scanner would make them, "
    "and clinical attributes that fit. The same seed gives the same files; the same command goes on where it was stopped."
)
_GATHER = (
    "Bring the scans of each session onto one grid, 160x224x160 at 1 mm or half of each at 2 mm, by rigid registration, as "
    "memory-mapped arrays for training, with a picture to check each, and split people into train, validation and test."
)


_SAMPLE = (
    "Write a BIDS derivative dataset of synthetic people, each sampled whole from the joint model: tissue maps, "
    "segmentation and clinical attributes that fit each other. What is given (--age 70 --sex F) everybody has; the rest is "
    "sampled. The same seed gives the same people; the same command goes on where it was stopped."
)
_ESTIMATE = (
    "What the shape of a brain tells of its person: each attribute with an interval that holds 90 %, from tissue maps (as "
    "'encode' or 'sample' write them, or your own). What is known (--sex F) sharpens the rest. Not for diagnosis."
)


def _simulate(options: Namespace) -> int:
    from mriexplorer.api import simulate

    with stoppable():
        made = simulate(
            options.number, options.seed, options.output, anatomies=options.anatomies, field=options.field, voxel=options.voxel,
            population=options.population, scans=options.scans, without=options.without, jobs=options.jobs,
            scheduler=options.scheduler, progress=say,
        )  # fmt: skip
    print(f"{options.output}: {len(made.names)} simulated people")
    return 0


def _gather(options: Namespace) -> int:
    from mriexplorer.api import gather, open_store

    with stoppable():
        made = gather(
            options.path, options.output, voxel=options.voxel, seed=options.seed, times=dict(map(_given_times, options.times)),
            jobs=options.jobs, scheduler=options.scheduler, progress=say,
        )  # fmt: skip
    note(made.notices)
    store = open_store(made.folder)
    sets = ", ".join(f"{len(store.of(name))} {name}" for name in ("train", "validation", "test"))
    print(f"{options.output}: {len(made.names)} sessions ({sets}); pictures to check are in {options.output / 'pictures'}")
    return 0


def _sample(options: Namespace) -> int:
    from mriexplorer.api import sample_people

    with stoppable():
        made = sample_people(
            options.number, options.seed, options.output, model=options.model, folding=options.folding, field=options.field,
            voxel=options.voxel, device=options.device, precision=options.precision, jobs=options.jobs,
            scheduler=options.scheduler, progress=say, **given_conditions(options),
        )  # fmt: skip
    note(made.notices)
    print(f"{options.output}: {len(made.names)} sampled {'person' if len(made.names) == 1 else 'people'}")
    return 0


def _estimate(options: Namespace) -> int:
    from mriexplorer.api import estimate, load

    found = estimate(load(*options.paths, person=options.person), model=options.model, progress=say, **given_conditions(options))
    note(found.notices)
    print("\n".join(f"{one.label:12s} {one.text}" for one in found.attributes.values()))
    return 0


def _given_times(words: list[str]) -> tuple[str, list[float]]:
    kind, *numbers = words
    try:
        return kind, [time(number) for number in numbers]
    except ArgumentTypeError as error:
        raise InputError(f"--times {' '.join(words)}: {error}.") from None


def _add_simulate(parser: ArgumentParser) -> None:
    from mriexplorer.physics import FIELDS
    from mriexplorer.simulation.acquisition import EFFECTS, protocols
    from mriexplorer.simulation.record import DEFAULT, populations

    parser.add_argument("-n", "--number", type=count, required=True, metavar="N", help="how many people")
    parser.add_argument("--seed", type=count, default=1, metavar="S", help="another seed, other people; default: 1")
    parser.add_argument("-o", "--output", type=target, required=True, metavar="DIR", help="a new folder, or one to go on with")
    parser.add_argument(
        "--anatomies", type=Path, metavar="FOLDER", help="label maps (FreeSurfer codes, BrainWeb); default: the built-in anatomy"
    )
    parser.add_argument("--field", type=float, choices=FIELDS, default=3.0, help="field strength in tesla; default: 3")
    parser.add_argument("--voxel", type=int, choices=(1, 2), default=1, help="voxel edge of the maps in mm; default: 1")
    parser.add_argument(
        "--population", choices=tuple(populations()), default=DEFAULT, help="whom the attributes are like; default: adults"
    )
    parser.add_argument(
        "--scans", nargs="*", choices=tuple(protocols()), default=["T1w", "T2w", "FLAIR"], help="default: T1w T2w FLAIR"
    )
    parser.add_argument("--without", nargs="*", choices=EFFECTS, default=[], help="effects to leave out of the scans")
    add_workers(parser)
    parser.set_defaults(run=_simulate)


def _add_gather(parser: ArgumentParser) -> None:
    parser.add_argument("path", type=Path, metavar="DATASET", help="a BIDS or OASIS-3 folder, or a table with a column file")
    parser.add_argument("-o", "--output", type=target, required=True, metavar="DIR", help="a new folder, or one to go on with")
    parser.add_argument("--voxel", type=int, choices=(1, 2), default=2, help="voxel edge in mm; default: 2")
    parser.add_argument(
        "--seed", type=count, default=1, metavar="S", help="of the split into train, validation and test; default: 1"
    )
    parser.add_argument(
        "--times",
        nargs="+",
        action="append",
        default=[],
        metavar=("KIND", "MS"),
        help="times for scans whose sidecars have none: --times T2w 100 4000 (TE TR), --times FLAIR 91 9000 2500 (TE TR TI)",
    )
    add_workers(parser)
    parser.set_defaults(run=_gather)


def _add_sample(parser: ArgumentParser) -> None:
    from mriexplorer.physics import FIELDS
    from mriexplorer.places import PEOPLE

    parser.add_argument("-n", "--number", type=count, required=True, metavar="N", help="how many people")
    parser.add_argument("--seed", type=count, default=1, metavar="S", help="of the first person; default: 1")
    parser.add_argument("-o", "--output", type=target, required=True, metavar="DIR", help="a new folder, or one to go on with")
    parser.add_argument("--voxel", type=int, choices=(1, 2), default=1, help="voxel edge of the maps in mm; default: 1")
    parser.add_argument("--field", type=float, choices=FIELDS, default=3.0, help="field strength in tesla; default: 3")
    parser.add_argument(
        "--model", default=PEOPLE, help="a shipped model, or the folder of one that was trained; default: %(default)s"
    )
    add_folding(parser)
    add_device(parser)
    add_conditions(parser)
    add_workers(parser)
    parser.set_defaults(run=_sample)


def _add_estimate(parser: ArgumentParser) -> None:
    from mriexplorer.places import PEOPLE

    parser.add_argument("paths", type=Path, nargs="+", metavar="PATH", help="tissue maps, or a folder of them")
    parser.add_argument("--person", metavar="NAME", help="who of a dataset, such as sub-01")
    parser.add_argument(
        "--model", default=PEOPLE, help="a shipped model, or the folder of one that was trained; default: %(default)s"
    )
    add_conditions(parser)
    parser.set_defaults(run=_estimate)


def add_people_verbs(verbs: "_SubParsersAction[ArgumentParser]") -> None:
    """Add the verbs of this file to the command line."""
    _add_simulate(verbs.add_parser("simulate", help="make a dataset of simulated people", description=_SIMULATE))
    _add_sample(verbs.add_parser("sample", help="sample synthetic people, brain and record together", description=_SAMPLE))
    _add_estimate(verbs.add_parser("estimate", help="what a brain tells of its person", description=_ESTIMATE))
    _add_gather(verbs.add_parser("gather", help="bring real people's scans onto one grid", description=_GATHER))
