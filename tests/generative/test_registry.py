"""Kinds of models: each is declared in its own room, whoever does its work is there, and one more needs nothing else."""

import json
import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

from mriexplorer.cli import main
from mriexplorer.errors import InputError
from mriexplorer.evaluation.chart import Illustrations
from mriexplorer.evaluation.metric import Interval, Metric
from mriexplorer.evaluation.result import EvaluationResult
from mriexplorer.generative import registry
from mriexplorer.generative.kinds import EvaluationRequest, ModelKind, SamplingRequest, TrainingRequest
from mriexplorer.places import models

MADE_UP = ModelKind(
    name="made-up", called="made-up model", command="imagined", loader="made_up:load", trainer="made_up:train",
    configuration="made-up-1mm", evaluator="made_up:evaluate", aliases=("conceived",),
)  # fmt: skip


@pytest.fixture
def made_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a model of a kind that is a module and a line of the registry."""
    module = ModuleType("made_up")
    module.load = lambda folder: f"the model of {folder.name}"  # type: ignore[attr-defined]

    def evaluate(request: EvaluationRequest, _progress: object) -> tuple[EvaluationResult, Illustrations]:
        metric = Metric("maps", "stores that are right", Interval(len(request.data), 0, 9), 0, 2)
        return EvaluationResult("maps", request.folder.name, "", "", "", (metric,)), Illustrations()

    def train(request: TrainingRequest, configuration: Path, progress: object) -> None:
        request.folder.mkdir()
        content = {"kind": "made-up", "format": 1, "configuration": str(configuration), "first": request.first}
        (request.folder / "config.json").write_text(json.dumps(content))

    module.evaluate, module.train = evaluate, train  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "made_up", module)
    monkeypatch.setattr(registry, "KINDS", (*registry.KINDS, MADE_UP))
    return tmp_path / "m"


@pytest.mark.parametrize("kind", registry.KINDS, ids=lambda kind: kind.name)
def test_whoever_is_named_is_there(kind: ModelKind) -> None:
    for entry in filter(None, (kind.loader, kind.trainer, kind.evaluator, kind.sampler)):
        module, name = entry.split(":")
        assert hasattr(import_module(module), name)


def test_names_are_told_apart() -> None:
    words = [word for kind in registry.KINDS for word in (kind.command, *kind.aliases)]
    assert len(set(words)) == len(words)
    assert len({kind.name for kind in registry.KINDS}) == len(registry.KINDS)
    assert {registry.kind_of(folder).name for folder in models().iterdir() if folder.is_dir()} <= {k.name for k in registry.KINDS}


@pytest.mark.parametrize("word", ["imagined", "conceived"])
def test_a_kind_more_is_trained_loaded_and_evaluated(
    word: str, made_up: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["train", word, "--data", str(tmp_path), "--first", "before", "-o", str(made_up)]) == 0
    content = json.loads((made_up / "config.json").read_text())
    assert content["configuration"] == "made-up-1mm" and content["first"] == "before"
    assert registry.load(made_up) == "the model of m"
    assert main(["evaluate", "maps", str(made_up), "--data", str(tmp_path), str(tmp_path)]) == 0
    assert "stores that are right" in capsys.readouterr().out


def test_what_a_kind_cannot_is_a_sentence(made_up: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["train", "imagined", "--data", str(tmp_path), "-o", str(made_up)])
    assert main(["sample", "-n", "1", "--model", str(made_up), "-o", str(tmp_path / "set")]) == 2
    assert "made-up model, with which nobody can be sampled" in capsys.readouterr().err
    assert main(["train", "nonsense", "--data", str(tmp_path), "-o", str(tmp_path / "n")]) == 2
    assert "there are autoencoder, joint, folding, latent, imagined" in capsys.readouterr().err
    folding = registry.kind_of_command("folds")
    with pytest.raises(InputError, match="mriexplorer evaluate people"):
        folding.evaluate(EvaluationRequest(made_up, ()), print)
    with pytest.raises(InputError, match="an autoencoder needs --config"):
        registry.kind_of_command("autoencoder").train(TrainingRequest(made_up, ()), print)
    (made_up / "config.json").write_text('{"kind": "other"}')
    with pytest.raises(InputError, match=r"no kind of model that this version of mriexplorer knows \(other\)"):
        registry.load(made_up)


def test_a_request_goes_to_other_processes() -> None:
    import pickle

    request = SamplingRequest(2, 1, Path("set"), Path("m"), Path("f"), {"age": 70.0})
    assert pickle.loads(pickle.dumps(request)) == request
