"""What is quick is found out once, whatever becomes of the cache; both precisions give the same maps."""

import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

import numpy as np
import pytest
import torch
from conftest import write
from made_store import plain

from mriexplorer.cli import main
from mriexplorer.errors import InputError
from mriexplorer.generative import precision
from mriexplorer.generative.autoencoder import encode as encoding
from mriexplorer.generative.autoencoder import patient
from mriexplorer.generative.autoencoder.checkpoint import Model, load_model
from mriexplorer.generative.autoencoder.configuration import checked
from mriexplorer.generative.autoencoder.network import MAPS, Autoencoder
from mriexplorer.generative.autoencoder.train import AutoencoderRun, AutoencoderTrainer
from mriexplorer.generative.precision import Precision
from mriexplorer.physics import Protocol
from mriexplorer.simulation.acquisition import protocols

CPU = torch.device("cpu")
QUICK, SLOW = 0.2, 30.0  # bfloat16 over float32


@pytest.fixture
def shares(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float]]:
    """What the next timings find; nothing is known of any processor."""
    coming: list[float] = []
    for cap in precision._CAPS:
        monkeypatch.delenv(cap, raising=False)
    monkeypatch.setattr(precision, "_time_share", lambda: coming.pop(0))
    monkeypatch.setattr(precision, "cache_folder", lambda: tmp_path / "cache")
    precision._known.cache_clear()
    yield coming
    precision._known.cache_clear()


def at_the_next_start() -> str:
    precision._known.cache_clear()
    return precision.quick()


def test_a_processor_is_timed_once_and_again_with_other_instructions(
    shares: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    shares += [QUICK, SLOW]
    assert [at_the_next_start(), at_the_next_start()] == ["bfloat16", "bfloat16"] and len(shares) == 1
    monkeypatch.setenv("ONEDNN_MAX_CPU_ISA", "AVX2")
    assert at_the_next_start() == "float32" and not shares
    monkeypatch.delenv("ONEDNN_MAX_CPU_ISA")
    assert at_the_next_start() == "bfloat16"
    monkeypatch.setattr(torch.backends.cpu, "get_cpu_capability", lambda: "another")
    with pytest.raises(IndexError, match="pop from empty list"):  # it would be timed
        at_the_next_start()


@pytest.mark.parametrize("content", ["", "[1]", '{"x": ', "{}", '{"PROCESSOR": "float16"}', '{"PROCESSOR": ["bfloat16"]}'])
def test_a_damaged_cache_is_made_anew(shares: list[float], tmp_path: Path, content: str) -> None:
    (tmp_path / "cache").mkdir()
    file = tmp_path / "cache" / "precision.json"
    file.write_text(content.replace("PROCESSOR", precision._processor()))
    shares.append(SLOW)
    assert at_the_next_start() == at_the_next_start() == "float32"
    assert json.loads(file.read_text())[precision._processor()] == "float32"


def test_a_cache_that_cannot_be_written_stops_nothing(
    shares: list[float], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "cache").write_text("a file")
    shares += [QUICK, SLOW]
    assert at_the_next_start() == precision.quick() == "bfloat16"

    def denied() -> NoReturn:
        raise PermissionError("no")

    monkeypatch.setattr(precision, "cache_folder", denied)
    assert at_the_next_start() == "float32"


def test_timing_is_short_and_leaves_threads_and_random_numbers_as_they_are() -> None:
    threads, drawn = torch.get_num_threads(), torch.get_rng_state()
    assert precision._time_share() > 0
    assert torch.get_num_threads() == threads and torch.equal(torch.get_rng_state(), drawn)


@pytest.mark.parametrize(("share", "quick"), [(QUICK, "bfloat16"), (1.05, "float32"), (SLOW, "float32")])
def test_automatic_is_what_the_device_is_quick_at(shares: list[float], share: float, quick: str) -> None:
    shares.append(share)
    found = {device: precision.chosen("auto", device) for device in ("cpu", "cuda", "mps")}
    assert found == {"cpu": quick, "cuda": "bfloat16", "mps": "float32"}
    assert {precision.chosen("float32", device) for device in found} == {"float32"}
    assert {precision.chosen("bfloat16", device) for device in found} == {"bfloat16"}


# -- maps ------------------------------------------------------------------------------------------------------


def maps(how: Precision) -> tuple[torch.Tensor, torch.Tensor, torch.dtype]:
    """Logarithms of maps and spread of a network that was never trained, and the type of its first layer."""
    torch.manual_seed(1)
    content = plain()
    configuration = checked(content, "test")
    network = Autoencoder(configuration.network).eval()
    torch.nn.init.normal_(network.decoder.exit.weight, std=0.3)  # type: ignore[arg-type]
    kinds: list[torch.dtype] = []
    network.encoder.stem.register_forward_hook(lambda _module, _scan, found: kinds.append(found.dtype))
    model = Model("small", network, configuration, 1, {"": (1.0,) * len(MAPS)})
    known = [protocols()[kind][0] for kind in ("T1w", "FLAIR")]
    given = [Protocol.complete(one.protocol.sequence, one.protocol.values) for one in known]
    scans = np.random.default_rng(3).uniform(0, 1, (2, 24, 32, 20)).astype(np.float32)
    found = encoding.infer(model, scans, given, 3.0, CPU, precision=how)
    return found.logs, found.spread, kinds[0]


def test_both_precisions_give_the_same_maps() -> None:
    """Within what docs/model.md says."""
    (logs, spread, exact), (rough, wide, half) = maps("float32"), maps("bfloat16")
    assert (exact, half) == (torch.float32, torch.bfloat16)
    assert logs.std(dim=(2, 3, 4)).min() > 0.05  # they are not flat
    for off, half_of, nearly_all in (((rough - logs).abs(), 0.003, 0.02), ((wide / spread).log().abs(), 0.01, 0.05)):
        assert 0 < off.median() < half_of and off.quantile(0.99) < nearly_all


# -- training --------------------------------------------------------------------------------------------------


def trainer(folder: Path, store: Path, how: Precision = "auto") -> AutoencoderTrainer:
    content = plain()
    content["training"]["precision"] = "bf16-mixed"
    return AutoencoderTrainer(AutoencoderRun(folder, checked(content, "test"), (store,)), devices=1, precision=how)


@pytest.mark.parametrize(
    ("how", "planned", "begun", "device", "share", "becomes"),
    [
        ("auto", "bf16-mixed", None, "cpu", QUICK, "bf16-mixed"),
        ("auto", "bf16-mixed", None, "cpu", SLOW, "32-true"),
        ("auto", "bf16-mixed", None, "cuda", SLOW, "bf16-mixed"),
        ("auto", "32-true", None, "cpu", QUICK, "32-true"),
        ("auto", "bf16-mixed", "32-true", "cpu", QUICK, "32-true"),
        ("auto", "bf16-mixed", "bf16-mixed", "cpu", SLOW, "bf16-mixed"),
        ("float32", "bf16-mixed", "bf16-mixed", "cpu", QUICK, "32-true"),
        ("bfloat16", "32-true", None, "cpu", SLOW, "bf16-mixed"),
    ],
)
def test_a_run_computes_in_what_is_quick_unless_it_was_begun_otherwise_or_is_told(
    shares: list[float], how: Precision, planned: str, begun: str | None, device: str, share: float, becomes: str
) -> None:
    shares.append(share)
    assert precision.of_training(how, planned, begun, device) == becomes


@pytest.mark.filterwarnings("ignore")  # of the training engine
def test_a_run_goes_on_in_the_precision_it_was_begun_in(shares: list[float], small_store: Path, tmp_path: Path) -> None:
    shares += [SLOW, QUICK]
    first = trainer(tmp_path, small_store)
    first._one_step()
    first.step = 1
    first._save()
    (tmp_path / "cache" / "precision.json").unlink()  # as on another processor
    assert at_the_next_start() == "bfloat16"
    again, told = trainer(tmp_path, small_store), trainer(tmp_path, small_store, "bfloat16")
    assert [one._fabric._precision.precision for one in (first, again, told)] == ["32-true", "32-true", "bf16-mixed"]
    assert again.step == told.step == 1
    assert load_model(tmp_path).configuration.training.precision == "bf16-mixed"  # as it was planned


# -- the command line ------------------------------------------------------------------------------------------


def test_the_flag_reaches_the_network(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def stopped(*given: object) -> NoReturn:
        raise InputError(f"in {given[-1]}.")

    monkeypatch.setattr(patient, "encode", stopped)
    scan = tmp_path / "x_T1w.nii.gz"
    write(scan, np.ones((8, 8, 8), np.int16))
    for flags, said in (
        ((), "in auto."),
        (("--precision", "float32"), "in float32."),
        (("--precision", "half"), "invalid choice"),
    ):
        with suppress(SystemExit):  # of the parser
            assert main(["encode", str(scan), "-o", str(tmp_path / "out"), *flags]) == 2
        assert said in capsys.readouterr().err
