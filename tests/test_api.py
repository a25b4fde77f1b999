"""The functions for scripts and notebooks, and the notebook itself."""

import ast
import inspect
import json
import re
import subprocess
import sys
from pathlib import Path

import nibabel as nib
import numpy as np
import pydicom
import pytest
from conftest import PD, T1, T2, values

import mriexplorer
from mriexplorer.cli import main
from mriexplorer.evaluation.chart import Illustrations
from mriexplorer.evaluation.metric import Interval, Metric
from mriexplorer.evaluation.result import EvaluationResult, read_result
from mriexplorer.generative.autoencoder.kind import KIND as AUTOENCODER
from mriexplorer.render.scene import Scene
from mriexplorer.session.sampler import Sampled, Sampler
from mriexplorer.subject.attribute_estimate import AttributeEstimate

DOCS = Path(__file__).parents[1] / "docs"
NOTEBOOK = DOCS / "notebook.ipynb"


def test_importing_costs_nothing():
    code = (
        "import sys; before = set(sys.modules); import mriexplorer; print(sorted(set(sys.modules) - before));"
        "mriexplorer.sequences; print({'PySide6', 'vtk', 'torch', 'monai', 'nibabel', 'pydicom'} & set(sys.modules))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    first, second = run.stdout.splitlines()
    assert first == "['mriexplorer', 'mriexplorer.version']", "not even typing"
    assert second == "set()"


def test_every_name_is_there_and_no_other():
    assert set(mriexplorer.__all__) <= set(dir(mriexplorer))
    for name in mriexplorer.__all__:
        assert getattr(mriexplorer, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = mriexplorer.nonsense


def test_maps_are_loaded_and_give_what_the_equation_says(head):
    subject = mriexplorer.load(head())
    image = mriexplorer.signal(subject, "se", te=0.1, tr=3.0)
    assert image.shape == subject.maps.grid.shape
    white = values(T1) == np.float32(T1["wm"])
    expected = PD["wm"] * (1 - 2 * np.exp(-2.95 / T1["wm"]) + np.exp(-3 / T1["wm"])) * np.exp(-0.1 / T2["wm"])
    assert image[white] == pytest.approx(expected, rel=1e-5)
    assert not image[values(T1) == 0].any()


def test_units_and_person_can_be_given(head):
    head("two", "sub-01_")
    subject = mriexplorer.load(str(head("two", "sub-02_")), person="sub-02", units={"pd": "%"})
    assert subject.name == "sub-02"
    assert subject.maps.pd.max() == pytest.approx(0.01)


def test_a_preset_is_a_protocol_and_values_override_it(brain):
    preset = mriexplorer.signal(brain, "OASIS-3 · FLAIR")
    assert mriexplorer.presets[0].startswith("OASIS-3")
    assert np.array_equal(preset, mriexplorer.signal(brain, "oasis-3 flair"))
    assert not np.array_equal(preset, mriexplorer.signal(brain, "oasis-3 flair", ti=1.0))
    signed = mriexplorer.signal(brain, "flair", ti=0.5, magnitude=False)
    assert signed.min() < 0


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda b: mriexplorer.signal(b, "nonsense"), "is no preset.*one of the sequences mprage"),
        (lambda b: mriexplorer.signal(b, "flair", ti=2500), "TI is 2500 s; here times are in seconds"),
        (lambda b: mriexplorer.signal(b, "se", ti=0.5), "has no ti"),
        (lambda b: mriexplorer.signal(b, "se", te=0.4, tr=0.2), "TE must be shorter"),
        (lambda _b: mriexplorer.load("/no/such/place"), "no such file"),
        (lambda _b: mriexplorer.load(), "name a file"),
        (lambda _b: mriexplorer.reference(2.0), "not at 2 T"),
    ],
)
def test_what_cannot_be_is_a_sentence(call, said, brain):
    with pytest.raises(mriexplorer.InputError, match=said):
        call(brain)


def test_saved_is_what_render_writes(head, tmp_path):
    folder = head()
    times = {"te": 0.09, "tr": 4.0}
    written = mriexplorer.save(mriexplorer.load(folder), "tse", tmp_path / "a.nii.gz", **times)
    assert main(["render", str(folder), "--sequence", "tse", "--te", "90", "--tr", "4000", "-o", str(tmp_path / "b.nii.gz")]) == 0
    one, two = nib.load(written), nib.load(tmp_path / "b.nii.gz")
    assert np.array_equal(one.get_fdata(), two.get_fdata())
    assert (tmp_path / "a.json").read_text() == (tmp_path / "b.json").read_text()


def test_a_series_is_saved(head, tmp_path):
    folder = mriexplorer.save(mriexplorer.load(head()), "clinical 3 T flair", tmp_path / "series", dicom=True)
    assert "FLAIR" in pydicom.dcmread(next(folder.iterdir())).ProtocolName


def test_a_sampled_person_is_of_the_wished_recipe(brain, monkeypatch):
    asked = []

    def sampled(_self, recipe, field, _progress):
        asked.append((recipe.seed, recipe.conditions, field))
        return Sampled(Scene(brain), {}, ())

    monkeypatch.setattr(Sampler, "sample", sampled)
    assert mriexplorer.sample(seed=7, age=70, sex="F", field=1.5) is brain
    assert asked == [(7, {"age": 70, "sex": "F"}, 1.5)]


def test_the_notebook_runs():
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    assert not any(cell.get("outputs") for cell in cells)
    names: dict[str, object] = {}
    for cell in code:
        exec(compile(cell, str(NOTEBOOK), "exec"), names)  # the cells are ours
    assert names["null"] == pytest.approx(2.5, abs=0.4)
    assert sum(len([line for line in cell.splitlines() if line.strip()]) for cell in code) < 25


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda to: mriexplorer.simulate(0, 1, to), "n is 0; it must be a whole number"),
        (lambda to: mriexplorer.simulate(1, True, to), "seed is True"),
        (lambda to: mriexplorer.simulate(1, 1, to, field=2.0), "field is 2.0; it must be one of 1.5, 3.0, 7.0"),
        (lambda to: mriexplorer.simulate(1, 1, to, voxel=3), "voxel is 3"),
        (lambda to: mriexplorer.simulate(1, 1, to, population="cats"), "population is 'cats'"),
        (lambda to: mriexplorer.simulate(1, 1, to, scans="T1w"), "scans is the text 'T1w'; give a list"),
        (lambda to: mriexplorer.simulate(1, 1, to, scans=["CT"]), "scans is 'CT'"),
        (lambda to: mriexplorer.simulate(1, 1, to, without=["luck"]), "without is 'luck'"),
        (lambda to: mriexplorer.sample_people(1, 0, to), "seed is 0"),
        (lambda to: mriexplorer.sample_people(1, 1, to, model="nobody"), "nobody is no model"),
        (lambda to: mriexplorer.sample_people(1, 1, to, age=400), "between 0 and 120"),
        (lambda to: mriexplorer.gather(to.parent, to, times={"T2w": [0.1]}), "times of T2w: T2w has 2 times: TE, TR"),
        (lambda to: mriexplorer.gather(to.parent, to, times={"CT": [0.1]}), "times of CT: kinds of scan are"),
        (lambda to: mriexplorer.gather("/no/such", to), "no such file"),
        (lambda to: mriexplorer.encode(output=to), "has no scans to encode"),
        (lambda to: mriexplorer.encode("/no/such", output=to), "no such file"),
        (lambda to: mriexplorer.encode("x.nii", kinds=["CT"], output=to), "kind is 'CT'; it must be one of"),
        (lambda to: mriexplorer.encode("x.nii", name="../x", output=to), "letters and digits only"),
        (lambda _: mriexplorer.evaluate_maps("nobody", []), "nobody is no model"),
        (lambda to: mriexplorer.evaluate_people("people-1mm", to.parent / "none", to.parent), "none is not there"),
        (lambda to: mriexplorer.evaluate_people("people-1mm", to.parent, to.parent), "holds no scans"),
        (lambda _: mriexplorer.estimate(None, model="nobody"), "nobody is no model"),
        (lambda _: mriexplorer.sample(seed=0), "seed is 0"),
    ],
)
def test_what_many_people_and_models_cannot_be_is_a_sentence(call, said, tmp_path):
    with pytest.raises(mriexplorer.InputError, match=said):
        call(tmp_path / "new")
    assert not list(tmp_path.iterdir())


def test_estimates_are_by_name(brain, joint_folder, monkeypatch):
    asked = []

    def estimates_of(_model, subject, known, _progress, device):
        asked.append((subject, known, device))
        return [AttributeEstimate("age", "Age", "years", 71.0, 60.0, 81.0)], ["not for diagnosis"]

    monkeypatch.setattr("mriexplorer.generative.joint.attribute_estimate.estimates_of", estimates_of)
    found = mriexplorer.estimate(brain, model=joint_folder, sex="F")
    assert asked == [(brain, {"sex": "F"}, None)]
    assert (found.attributes["age"].text, found.notices) == ("71 years (60 to 81)", ("not for diagnosis",))


def test_maps_are_judged_by_whoever_the_kind_names_and_both_files_are_written(tmp_path, monkeypatch):
    metric = Metric("maps", "T1, white matter, error", Interval(5.0, 4.0, 6.0), 0, 9, about="Median error.")

    def evaluate(request, _progress):
        assert (request.folder.name, len(request.data), request.device) == ("scans-to-maps-1mm", 2, "cpu")
        return EvaluationResult("maps", "m", "9 people", "2026-12-01", "0", (metric,)), Illustrations()

    module, name = AUTOENCODER.evaluator.split(":")
    monkeypatch.setattr(f"{module}.{name}", evaluate)
    found = mriexplorer.evaluate_maps("scans-to-maps-1mm", ["a", "b"], tmp_path / "report", device="cpu")
    assert read_result(tmp_path / "report" / "evaluation.json").metric("maps", metric.name).value == 5
    assert metric.name in found.report.read_text(encoding="utf-8") and metric.name in found._repr_markdown_()


def examples() -> list[tuple[str, ast.Call]]:
    """Every call of a function of mriexplorer in the Python of the documents and the notebook."""
    pages = [DOCS.parent / "README.md", *sorted(DOCS.glob("*.md"))]
    texts = [page.read_text(encoding="utf-8") for page in pages]
    cells = ["".join(cell["source"]) for cell in json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]]
    code = [block for text in [*texts, *cells] for block in re.findall(r"```python\n(.*?)```", text, re.DOTALL)]
    calls = [node for block in code for node in ast.walk(ast.parse(block)) if isinstance(node, ast.Call)]
    return [(node.func.attr, node) for node in calls
            if isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name)
            and node.func.value.id == "mriexplorer"]  # fmt: skip


def test_examples_in_the_documents_call_what_is_there():
    names = set()
    for name, call in examples():
        keywords = {keyword.arg: None for keyword in call.keywords if keyword.arg}
        inspect.signature(getattr(mriexplorer, name)).bind(*call.args, **keywords)
        names.add(name)
    functions = {name for name in mriexplorer.__all__ if inspect.isfunction(getattr(mriexplorer, name))}
    assert functions - {"reference", "signal"} <= names, "these two are in cells that run"
