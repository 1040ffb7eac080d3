"""One whole training step on CUDA against the CPU, without mmcv and mmdet3d."""

import pytest
import torch
from torch.nn import functional

from support.tiny_batch import make_batch, make_distiller

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason='no CUDA device on this machine'),
]


def step(device):
    model = make_distiller().train().to(device)
    loss, statistics = model.distill(make_batch().to(device))
    loss.backward()
    grads = {n: p.grad.cpu() for n, p in model.named_parameters() if p.grad is not None}
    return loss.item(), {k: float(v) for k, v in statistics.items()}, grads


def test_one_step_on_cuda_is_that_on_the_cpu(monkeypatch):
    # rounding flips some ReLUs, and each flip is a jump in the gradients: none with softplus
    monkeypatch.setattr(functional, 'relu', lambda x, inplace=False: functional.softplus(x))
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
    (cpu_loss, cpu_stats, cpu_grads), (loss, stats, grads) = step('cpu'), step('cuda')
    assert loss == pytest.approx(cpu_loss, rel=1e-4)
    assert stats == pytest.approx(cpu_stats, rel=1e-3, abs=1e-4)
    for name, grad in cpu_grads.items():
        assert (grads[name] - grad).abs().max() <= 1e-4 * grad.abs().max() + 1e-7, name
