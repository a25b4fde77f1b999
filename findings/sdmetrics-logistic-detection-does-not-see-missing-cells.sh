#!/usr/bin/env bash
# sdmetrics 0.32.0, LogisticDetection and QualityReport.
# Expected: a clinical table in which nine of ten people lack their MMSE is told from one in which everybody has it: a detection score
# near 0 (1 means that real and synthetic rows cannot be told apart), and a quality that drops for it.
# Seen: LogisticDetection gives 1.0, as for a table without gaps, since it fills gaps with the mean that real people have before it
# learns, and a linear classifier cannot see values that pile up at the mean. SVCDetection, on the same rows, gives below 0.3. The
# quality report takes the cells that are there and loses less than a tenth. Count missing cells by themselves (MissingValueSimilarity).
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check sdmetrics==0.32.0 "pandas<3" numpy
"$folder/venv/bin/python" -W ignore - <<'PYTHON'
import numpy as np
import pandas as pd
import sdmetrics
from sdmetrics.reports.single_table import QualityReport
from sdmetrics.single_table import LogisticDetection, SVCDetection

random = np.random.default_rng(0)
metadata = {"columns": {name: {"sdtype": "numerical"} for name in ("age", "mmse")}}


def people():
    return pd.DataFrame({"age": random.normal(60, 10, 300), "mmse": random.normal(28, 1.5, 300)})


def scores(real, synthetic):
    np.random.seed(0)
    report = QualityReport()
    report.generate(real, synthetic, metadata, verbose=False)
    return LogisticDetection.compute(real, synthetic, metadata), SVCDetection.compute(real, synthetic, metadata), report.get_score()


real, whole = people(), people()
gaps = whole.copy()
gaps.loc[random.random(300) < 0.9, "mmse"] = np.nan
before, after = scores(real, whole), scores(real, gaps)
print(f"sdmetrics {sdmetrics.__version__}: logistic, SVC and quality of a table without gaps", *(f"{n:.2f}" for n in before))
print("of the same with nine of ten MMSE missing", *(f"{n:.2f}" for n in after), "(a logistic score near 0 was expected)")
assert after[0] > 0.9, "logistic detection sees the gaps now"
assert after[1] < 0.3, "SVC detection no longer sees the gaps"
assert before[2] - after[2] < 0.1, "the quality report counts gaps now"
PYTHON
