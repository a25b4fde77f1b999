"""How long the judge of people takes by the number of people, from a report's folder whose people are measured already.

    python tests/benchmarks/judging.py REPORT STORE --model people-1mm [--numbers 50 100 200 400]

People beyond those that were measured are the same again. Comparing only: bringing one person to the common grid and measuring
them takes the same for everybody, and is told beside it.
"""

import argparse
import resource
from dataclasses import replace
from pathlib import Path
from time import perf_counter, process_time

from mriexplorer.api.evaluation import _trained_on
from mriexplorer.evaluation.cohort import judge
from mriexplorer.evaluation.cohort.images import brain_image
from mriexplorer.evaluation.cohort.judge import Settings, sorted_people
from mriexplorer.evaluation.cohort.measuring import measure_all
from mriexplorer.evaluation.cohort.sources import people_in
from mriexplorer.generative.model_folder import find_model
from mriexplorer.workers import Workers


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("report", type=Path)
    parser.add_argument("store", type=Path)
    parser.add_argument("--model", default="people-1mm", help="whose training parts real people into kept and trained")
    parser.add_argument("--numbers", type=int, nargs="*", default=[50, 100, 200, 400])
    options = parser.parse_args()
    folder = options.report / "measured"
    people = sorted_people(people_in(options.report / "people"), people_in(options.store), _trained_on(find_model(options.model)))
    with Workers(1) as workers:
        sides, _said = judge._measured(people, folder, workers, lambda _what: None)
        one = people.synthetic.people[0]
        began = process_time()
        brain_image(one)
        print(f"one person, to the common grid: {process_time() - began:.1f} s of CPU")
        began = process_time()
        for path in (folder / "synthetic").glob("*.json"):
            path.unlink()
            break
        measure_all(people.synthetic.people, sides.matchings[0], folder / "synthetic", workers, lambda _what: None)
        print(f"one person, measured (and the others read): {process_time() - began:.1f} s of CPU")
    for number in options.numbers:
        synthetic = (sides.synthetic * (1 + number // len(sides.synthetic)))[:number]
        began = perf_counter()
        judge._compared(replace(sides, synthetic=synthetic), folder, Settings(), lambda _what: None)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
        print(
            f"{number} synthetic, {len(sides.kept)} real: {perf_counter() - began:.0f} s to compare, at most {peak:.1f} GB",
            flush=True,
        )


if __name__ == "__main__":
    main()
