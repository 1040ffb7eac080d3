"""Rows of all processes, with gradients."""

from __future__ import annotations

import torch
from torch import distributed
from torch.distributed.nn.functional import all_gather
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
    gathered = all_gather(padded)
    return torch.cat([part[: int(n)] for part, n in zip(gathered, counts, strict=True)])
