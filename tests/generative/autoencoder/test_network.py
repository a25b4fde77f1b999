"""The autoencoder: any subset of scans in any order, in two dimensions and three; the equations; priors."""

import math

import numpy as np
import pytest
import torch
from made_store import plain

from mriexplorer.errors import InputError
from mriexplorer.generative.autoencoder.configuration import AutoencoderPlan, checked, read_configuration
from mriexplorer.generative.autoencoder.forward_model import forward_signal, forward_signals, least_squares_gain
from mriexplorer.generative.autoencoder.losses import mixture, prior_cost
from mriexplorer.generative.autoencoder.network import HIGHEST, LOWEST, Autoencoder, Decoded, fused
from mriexplorer.generative.folding.train import read_plan as folds_plan
from mriexplorer.generative.joint.train import read_plan as joint_plan
from mriexplorer.generative.latent.train import read_plan as latent_plan
from mriexplorer.generative.layers import convolution, folded, unfolded
from mriexplorer.generative.protocol_vector import protocol_vector, width
from mriexplorer.generative.threads import one_thread_each
from mriexplorer.physics import SEQUENCES, TISSUES, Protocol, signal
from mriexplorer.places import resource

MPRAGE, TSE = (Protocol(name, SEQUENCES[name].defaults()) for name in ("mprage", "tse"))


@pytest.mark.parametrize("size", [(8, 12), (8, 12, 4)])
def test_folding_is_undone(size):
    x = torch.randn(2, 3, *size)
    assert folded(x, 2).shape == (2, 3 * 2 ** len(size), *(n // 2 for n in size))
    assert torch.equal(unfolded(folded(x, 2), 2), x)


@pytest.mark.parametrize("size", [1, 3, 5])
@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("planes", [5, 16, 41])
def test_a_convolution_by_slabs_is_that_of_the_whole(size, stride, planes):
    layer, x = convolution(3, 6, 4, size, stride), torch.randn(1, 6, planes, 400, 3)
    whole = layer(x).detach()
    with one_thread_each(), torch.no_grad():
        assert torch.allclose(layer(x), whole, atol=1e-5)


def test_threads_are_given_back():
    before = torch.get_num_threads()
    with pytest.raises(InputError), one_thread_each():
        with one_thread_each():
            assert torch.get_num_threads() == 1
        assert torch.get_num_threads() == 1
        raise InputError("stopped")
    assert torch.get_num_threads() == before


def test_the_product_of_experts_is_that_of_gaussians_with_the_prior():
    mean, variance = torch.randn(3, 2, 4, 4), torch.rand(3, 2, 4, 4) + 0.1
    code = fused(mean, variance.log(), torch.tensor([0, 0, 2]), 3)
    both = 1 + 1 / variance[0] + 1 / variance[1]
    torch.testing.assert_close(code.deviation[0], both.rsqrt())
    torch.testing.assert_close(code.mean[0], (mean[0] / variance[0] + mean[1] / variance[1]) / both)
    assert torch.equal(code.mean[1], torch.zeros_like(code.mean[1]))  # no scan: the prior
    assert torch.equal(code.deviation[1], torch.ones_like(code.deviation[1]))


@pytest.mark.parametrize("dims", [2, 3])
@pytest.mark.parametrize("decoder", ["maps", "tissues"])
@pytest.mark.parametrize(("norm", "fine"), [("voxel", 6), ("group", 0)])
def test_only_scans_that_are_there_count_and_their_order_does_not(dims, decoder, norm, fine):
    torch.manual_seed(1)
    plan = AutoencoderPlan(
        dims=dims, cell=2, widths=(8, 8), kernels=(3, 3), latents=(4, 4), fine=fine, decoder=decoder, norm=norm
    )
    network = Autoencoder(plan).eval()
    for parameter in network.parameters():  # blocks start as the identity
        parameter.data += 0.05 * torch.randn_like(parameter)
    scans = torch.rand(1, 3, *(16,) * dims)
    vectors = torch.randn(1, 3, width(plan.sequences))
    present = torch.tensor([[True, False, True]])
    _codes, decoded, _gains = network(scans, vectors, present)
    scans[:, 1] = 99
    torch.testing.assert_close(network(scans, vectors, present)[1].logs, decoded.logs)
    order = [2, 0, 1]
    turned = network(scans[:, order], vectors[:, order], present[:, order])[1].logs
    torch.testing.assert_close(turned, decoded.logs)
    assert decoded.maps.shape == (1, 3, *(16,) * dims)
    low, high = (torch.tensor(limits).reshape(1, 3, *(1,) * dims) for limits in (LOWEST, HIGHEST))
    assert ((decoded.maps > low) & (decoded.maps < high)).all()


@pytest.mark.parametrize("conditioning", ["off", "scalar", "layer"])
def test_the_protocol_steers_the_encoder_as_far_as_it_is_conditioned(conditioning):
    torch.manual_seed(1)
    plan = AutoencoderPlan(dims=2, cell=1, widths=(8, 8), kernels=(3, 3), latents=(0, 4), conditioning=conditioning)
    network = Autoencoder(plan)
    for parameter in network.parameters():
        parameter.data += 0.1 * torch.randn_like(parameter)
    scans, present = torch.rand(1, 1, 16, 16), torch.ones(1, 1, dtype=torch.bool)
    means = [network.encode(scans, torch.full((1, 1, width(plan.sequences)), value), present)[0].mean for value in (0.0, 1.0)]
    assert torch.equal(*means) == (conditioning == "off")


def test_an_image_of_any_multiple_gives_the_same_maps_as_its_parts_far_from_borders():
    """With normalisation by voxel a patch tells what the whole tells."""
    torch.manual_seed(1)
    network = Autoencoder(AutoencoderPlan(dims=2, cell=2, widths=(8, 8), kernels=(3, 3), latents=(4, 4)))
    network.eval()
    scans, present = torch.rand(1, 1, 96, 96), torch.ones(1, 1, dtype=torch.bool)
    vectors = torch.zeros(1, 1, width(network.plan.sequences))
    whole = network(scans, vectors, present)[1].logs[..., 32:64, 32:64]
    part = network(scans[..., :, :80], vectors, present)[1].logs[..., 32:64, 32:64]
    torch.testing.assert_close(part, whole)


def test_torch_shows_what_physics_shows():
    rng = np.random.default_rng(1)
    maps = np.stack([rng.uniform(0.5, 1, 50), rng.uniform(0.3, 4, 50), rng.uniform(0.03, 1, 50)]).astype(np.float32)
    for protocol in (MPRAGE, TSE):
        expected = signal(protocol.sequence, *maps, protocol.values)
        np.testing.assert_allclose(forward_signal(torch.from_numpy(maps), protocol).numpy(), expected, rtol=1e-4, atol=1e-6)


def test_the_gain_in_closed_form_is_exact():
    maps = torch.rand(2, 3, 8, 8) + 0.5
    model = forward_signals(maps, [[MPRAGE, TSE]] * 2)
    gains = torch.tensor([[2.0, 300.0], [0.1, 7.0]]).reshape(2, 2, 1, 1)
    torch.testing.assert_close(least_squares_gain(model, gains * model), gains)


def test_the_prior_likes_tissue():
    tissue = torch.tensor([[math.log(v) for v in (TISSUES["wm"].pd, TISSUES["wm"].at[3.0].t1, TISSUES["wm"].at[3.0].t2)]])
    odd = torch.log(torch.tensor([[0.7, 0.2, 1.5]]))
    likely, unlikely = (mixture(x.reshape(1, 3, 1, 1)) for x in (tissue, odd))
    assert likely > unlikely + 3
    medians = torch.log(torch.tensor([0.4, 1.0, 0.1])).reshape(1, 3, 1, 1).expand(1, 3, 8, 8)
    assert prior_cost(Decoded(medians, medians), "median") < 1e-10


def test_a_protocol_is_a_few_numbers_and_a_strange_sequence_is_refused():
    known = ("mprage", "tse")
    vector = protocol_vector(Protocol.complete("mprage", {"te": 0.003, "tr": 2.0, "ti": 1.0}), known, 1.5)
    assert len(vector) == width(known)
    assert vector[1:4] == [0.0, 0.0, 1.0] and vector[-2:] == [1.0, 0.0]
    assert protocol_vector(Protocol("ideal-mprage", {"tr": 2.0, "ti": 1.0}), known)[-2:] == [1.0, 0.0]
    with pytest.raises(InputError, match=r"was not trained for Double inversion \(DIR\); it knows MPRAGE, Turbo spin echo"):
        protocol_vector(Protocol.complete("dir"), known)


@pytest.mark.parametrize(
    ("table", "change", "sentence"),
    [
        ("network", {"width": [8]}, "'width' is not known; there are"),
        ("network", {"dims": 4}, "dims is 4; it can be 2, 3"),
        ("network", {"widths": 8}, "widths is 8; a list is expected"),
        ("network", {"latents": [0, 0]}, "latents and kernels need one number for each"),
        ("network", {"fine": 100_000}, "latents, fine and tissues lie between 0 and 2048"),
        ("network", {"sequences": ["os.system"]}, "sequences are mprage"),
        ("training", {"steps": -1}, "steps and batch start at 1"),
        ("training", {"patch": [16, 16]}, "patch needs 3 sizes"),
        ("training", {"protocols": 3}, "are shares between 0 and 1"),
        ("training", {"steps": "many"}, "steps is 'many'; a number is expected"),
        ("training", {"dropout": 1}, "dropout is 1; bool is expected"),
        ("training", {"weights": {"magic": 1}}, "'magic' is not known"),
    ],
)
def test_a_configuration_that_cannot_be_is_a_sentence(table, change, sentence):
    content = plain()
    content[table] |= change
    with pytest.raises(InputError, match=sentence):
        checked(content, "file.toml")


def test_configurations_that_are_shipped_are_whole_and_broken_files_are_sentences(tmp_path):
    files = sorted(resource("training").glob("*.toml"))
    assert files
    others = {"people-1mm": joint_plan, "folds-1mm": folds_plan, "published-latent-2d": latent_plan}
    for file in files:
        if file.stem in others:
            others[file.stem](file)  # raises for what cannot be
            continue
        plan = read_configuration(file).network
        assert all(n % plan.multiple == 0 for n in read_configuration(file).training.patch)
    (tmp_path / "x.toml").write_text("[network")
    with pytest.raises(InputError, match=r"x\.toml is no TOML"):
        read_configuration(tmp_path / "x.toml")
    with pytest.raises(InputError, match=r"gone\.toml: there is no such file"):
        read_configuration(tmp_path / "gone.toml")
