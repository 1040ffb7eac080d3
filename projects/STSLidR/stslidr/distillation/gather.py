"""Rows of all processes, with gradients."""

from __future__ import annotations

from typing import Any

import torch
from torch import distributed
from torch.autograd.function import once_differentiable
from torch.nn import functional


def gather_rows(rows: torch.Tensor) -> torch.Tensor:
    """Concatenate the (M_r, D) ``rows`` of all processes, in rank order.

    The processes may hold different numbers of rows, also none. Gradients flow back to the process
    that a row came from; each process computes the same loss on the gathered rows, so the sum that
    the backward pass makes and the mean that DDP makes cancel.

    Args:
        rows: float (M_r, D) of this process.

    Returns:
        (sum of M_r, D); ``rows`` itself outside a process group.
    """
    if not (distributed.is_available() and distributed.is_initialized()):
        return rows
    count = torch.tensor([len(rows)], device=rows.device)
    counts = [torch.empty_like(count) for _ in range(distributed.get_world_size())]
    distributed.all_gather(counts, count)
    most = int(torch.stack(counts).max())
    padded = functional.pad(rows, (0, 0, 0, most - len(rows)))
    gathered = _AllGather.apply(padded)
    return torch.cat([part[: int(n)] for part, n in zip(gathered, counts, strict=True)])


class _AllGather(torch.autograd.Function):
    """Stack (M, D) rows of all W processes into (W, M, D); M is the same in each."""

    @staticmethod
    def forward(ctx: Any, rows: torch.Tensor) -> torch.Tensor:
        rows = rows.contiguous()
        gathered = [torch.empty_like(rows) for _ in range(distributed.get_world_size())]
        distributed.all_gather(gathered, rows)
        return torch.stack(gathered)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: torch.Tensor) -> torch.Tensor:
        grad = grad.clone(memory_format=torch.contiguous_format)
        distributed.all_reduce(grad)  # every process has a loss of its own on these rows
        return grad[distributed.get_rank()]
