"""The image encoder and the heads on CUDA against CPU. Needs neither mmcv nor MMDetection3D."""

from __future__ import annotations

import copy

import pytest
import torch

from stslidr.encoders.heads import ImageHead, PointHead
from stslidr.encoders.image_encoder import FrozenResNet50

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(
        not torch.cuda.is_available(),
        reason='no CUDA device: image encoder and heads were NOT compared between GPU and CPU',
    ),
]


@pytest.fixture(autouse=True)
def full_float32(monkeypatch):
    """TF32 convolutions keep 10 bits of the mantissa: too few for this comparison."""
    monkeypatch.setattr(torch.backends.cudnn, 'allow_tf32', False)
    monkeypatch.setattr(torch.backends.cuda.matmul, 'allow_tf32', False)


def assert_same(on_gpu, on_cpu):
    assert on_gpu.device.type == 'cuda'
    difference = (on_gpu.detach().cpu() - on_cpu.detach()).abs().max()
    assert difference <= 1e-4 * on_cpu.detach().abs().max()


@pytest.mark.parametrize('dilated', [True, False])
def test_image_encoder(dilated):
    encoder = FrozenResNet50('random', dilated=dilated)
    images = torch.randn(2, 3, 64, 96)
    on_cpu = encoder(images)
    assert_same(encoder.cuda()(images.cuda()), on_cpu)


@pytest.mark.parametrize(
    ('head', 'shape'),
    [
        (PointHead(96, 64), (500, 96)),
        (ImageHead(128, 64, 4), (2, 128, 14, 26)),
        (ImageHead(128, 64, 32), (2, 128, 7, 13)),
    ],
)
def test_heads_and_their_gradients(head, shape):
    features = torch.randn(shape)
    features[0] = 0
    cuda_head = copy.deepcopy(head).cuda()
    on_cpu, on_gpu = head(features), cuda_head(features.cuda())
    assert_same(on_gpu, on_cpu)
    upstream = torch.randn_like(on_cpu)
    on_cpu.backward(upstream)
    on_gpu.backward(upstream.cuda())
    for cuda_parameter, parameter in zip(cuda_head.parameters(), head.parameters(), strict=True):
        assert_same(cuda_parameter.grad, parameter.grad)


@pytest.mark.parametrize('dtype', [torch.float16, torch.bfloat16])
def test_heads_stay_in_float32_under_autocast(dtype):
    head = ImageHead(128, 64, 4).cuda()
    features = torch.randn(2, 128, 14, 26, device='cuda')
    with torch.autocast('cuda', dtype=dtype):
        embeddings = head(features)
    assert embeddings.dtype == torch.float32
    assert_same(embeddings, head.cpu()(features.cpu()))
