"""The verb volumetry: what a brain's volumes are, and where they lie among those of real people."""

from argparse import ArgumentParser, Namespace, _SubParsersAction
from pathlib import Path

from mriexplorer.cli.progress import note, say, stoppable
from mriexplorer.cli.values import target

_VOLUMETRY = (
    "Volumes of a brain from its maps: white matter, grey matter, CSF and ventricles, with centiles by age and sex where the "
    "record tells both. Printed as a table, or written as CSV or as one page (HTML) for the record. Not for diagnosis."
)


def _volumetry(options: Namespace) -> int:
    from mriexplorer.api import load
    from mriexplorer.export.volumetry import check_volumetry_target, write_volumetry
    from mriexplorer.measure.volumetry import volumes_of
    from mriexplorer.measure.volumetry_sheet import csv_text, sheet_of

    if options.output is not None:
        check_volumetry_target(options.output)
    subject = load(*options.paths, person=options.person)
    with stoppable():
        sheet = sheet_of(subject, volumes_of(subject, say))
    note(sentence for sentence in (sheet.missing, *sheet.notices) if sentence)
    print(csv_text(sheet).rstrip() if options.output is None else write_volumetry(sheet, options.output))
    return 0


def add_volumetry_verb(verbs: "_SubParsersAction[ArgumentParser]") -> None:
    """Add the verb to the command line."""
    parser = verbs.add_parser("volumetry", help="volumes of a brain, with centiles by age and sex", description=_VOLUMETRY)
    parser.add_argument("paths", type=Path, nargs="+", metavar="PATH", help="tissue maps, or a folder of them")
    parser.add_argument("--person", metavar="NAME", help="who of a dataset, such as sub-01")
    parser.add_argument("-o", "--output", type=target, metavar="FILE", help=".csv or .html; default: the table is printed")
    parser.set_defaults(run=_volumetry)
