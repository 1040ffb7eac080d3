"""Cosine similarity of pooled features."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor


def cosine_similarity(features: Tensor) -> Tensor:
    """Cosine of each pair of rows; a row of zeros has cosine 0 with every row, itself too.

    Args:
        features: pooled frozen features, (M, D).

    Returns:
        (M, M), float32 or wider, without gradient.
    """
    with torch.no_grad(), torch.autocast(features.device.type, enabled=False):
        dtype = torch.promote_types(features.dtype, torch.float32)
        unit = F.normalize(features.to(dtype), dim=1)
        return unit @ unit.T
