"""The sparse U-Net on CUDA against CPU. Needs neither mmcv nor MMDetection3D."""

from __future__ import annotations

import copy

import pytest
import torch
from torch.nn import functional as F

from stslidr.encoders.res16unet import Res16UNet
from stslidr.encoders.sparse import SparseConv

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(
        not torch.cuda.is_available(),
        reason='no CUDA device: the backbone was NOT compared between GPU and CPU',
    ),
]
TOLERANCE = 1e-4


def surface_voxels(in_channels):
    """Two samples of voxels on a wavy surface, odd extents, negative coordinates."""
    generator = torch.Generator().manual_seed(0)
    grid = torch.cartesian_prod(torch.arange(2), torch.arange(-37, 40), torch.arange(-61, 50))
    height = (5 * torch.sin(grid[:, 1] / 7) + 9 * torch.cos(grid[:, 2] / 11)).floor().long()
    coors = torch.cat([grid, height[:, None]], dim=1)
    coors = coors[torch.rand(len(coors), generator=generator) < 0.6]
    return torch.rand(len(coors), in_channels, generator=generator), coors.int()


def assert_close(actual, expected, name):
    scale = expected.abs().max()
    error = (actual.cpu() - expected).abs().max()
    assert error <= TOLERANCE * scale, f'{name}: {error / scale:.1e} relative'


def run(unet, voxels, coors):
    """Output and the gradients of voxels and parameters for one random loss, all on the CPU."""
    device = next(unet.parameters()).device
    voxels = voxels.detach().clone().to(device).requires_grad_()
    out = unet(voxels, coors.to(device))
    factor = torch.randn(out.shape, generator=torch.Generator().manual_seed(1))
    (out * factor.to(device)).sum().backward()
    gradients = {name: p.grad.cpu() for name, p in unet.named_parameters()}
    return out.detach().cpu(), {'voxels': voxels.grad.cpu(), **gradients}


@pytest.fixture
def smooth_activation(monkeypatch):
    """Softplus in place of ReLU.

    Rounding flips a few of the network's millions of ReLUs, and each flip is a jump in the
    gradients: in float32 they differ from those in float64 by percents, but by 1e-5 without jumps.
    """
    monkeypatch.setattr(F, 'relu', lambda x, inplace=False: F.softplus(x))


@pytest.mark.parametrize('in_channels', [1, 4])
@pytest.mark.parametrize('training', [True, False])
def test_cuda_output_and_buffers_equal_those_of_the_cpu(in_channels, training):
    """The network is built and used on the CPU, then moved."""
    torch.manual_seed(0)
    unet = Res16UNet(in_channels).train(training)
    on_gpu = copy.deepcopy(unet)
    voxels, coors = surface_voxels(in_channels)
    with torch.no_grad():
        expected = unet(voxels, coors)
        out = on_gpu.cuda()(voxels.cuda(), coors.cuda())
    assert_close(out, expected, 'output')
    for (name, buffer), other in zip(on_gpu.named_buffers(), unet.buffers(), strict=True):
        assert_close(buffer.float(), other.float(), name)


@pytest.mark.parametrize('training', [True, False])
@pytest.mark.usefixtures('smooth_activation')
def test_cuda_gradients_equal_those_of_the_cpu(training):
    torch.manual_seed(0)
    unet = Res16UNet(1).train(training)
    on_gpu = copy.deepcopy(unet).cuda()
    voxels, coors = surface_voxels(1)
    expected, expected_gradients = run(unet, voxels, coors)
    out, gradients = run(on_gpu, voxels, coors)
    assert_close(out, expected, 'output')
    for name, gradient in gradients.items():
        assert_close(gradient, expected_gradients[name], f'gradient of {name}')


def test_moving_back_and_forth():
    torch.manual_seed(0)
    unet = Res16UNet(1, 8, (8, 8, 16, 16, 16, 16, 8, 8), (1,) * 8).eval()
    voxels, coors = surface_voxels(1)
    with torch.no_grad():
        first = unet(voxels, coors)
        on_gpu = unet.cuda()(voxels.cuda(), coors.cuda())
        again = unet.cpu()(voxels, coors)
    assert_close(on_gpu, first, 'on the GPU')
    assert torch.equal(again, first)


def conv_output_types(unet):
    """Fill the returned dict, at the next forward pass, with each convolution's output type."""
    types = {}
    for name, module in unet.named_modules():
        if isinstance(module, SparseConv):
            module.register_forward_hook(
                lambda _, __, out, name=name: types.update({name: out.features.dtype})
            )
    return types


@pytest.mark.parametrize('dtype', [torch.float16, torch.bfloat16])
@pytest.mark.parametrize('training', [True, False])
def test_autocast_runs_and_stays_near(dtype, training):
    torch.manual_seed(0)
    unet = Res16UNet(1).train(training).cuda()
    voxels, coors = surface_voxels(1)
    expected, _ = run(copy.deepcopy(unet), voxels, coors)
    types = conv_output_types(unet)
    with torch.autocast('cuda', dtype):
        out = unet(voxels.cuda(), coors.cuda())
    assert types.pop('stem.conv') == torch.float32
    others = torch.float16 if dtype == torch.float16 else torch.float32
    assert len(types) > 40 and set(types.values()) == {others}, types
    out.float().square().mean().backward()
    assert all(
        torch.isfinite(p.grad).all() and p.grad.dtype == torch.float32 for p in unet.parameters()
    )
    similarity = torch.cosine_similarity(out.float().cpu(), expected, dim=1)
    assert similarity.mean() > 0.95


@pytest.mark.parametrize('dtype', [torch.float16, torch.bfloat16])
def test_raw_intensities_beyond_float16_do_not_overflow(dtype):
    torch.manual_seed(0)
    unet = Res16UNet(1).cuda()
    voxels, coors = surface_voxels(1)
    expected, _ = run(copy.deepcopy(unet), voxels * 1e6, coors)
    with torch.autocast('cuda', dtype):
        out = unet(voxels.cuda() * 1e6, coors.cuda())
    out.float().square().mean().backward()
    assert all(torch.isfinite(p.grad).all() for p in unet.parameters())
    assert torch.cosine_similarity(out.float().cpu(), expected, dim=1).mean() > 0.95


def test_duplicates_and_empty_batches_on_cuda():
    unet = Res16UNet(1).cuda()
    coors = torch.zeros(2, 4, dtype=torch.int32, device='cuda')
    with pytest.raises(ValueError, match='1 of 2 voxels repeat'):
        unet(torch.zeros(2, 1, device='cuda'), coors)
    out = unet(torch.zeros(0, 1, device='cuda'), coors[:0])
    out.sum().backward()
    assert out.shape == (0, 96) and all((p.grad == 0).all() for p in unet.parameters())
