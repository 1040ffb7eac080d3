"""Cosine similarity of pooled features."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor


class CosineRows:
    """Cosines of each pair of rows of M features, a block of rows at a time: a `Similarity`.

    Args:
        features: pooled frozen features, (M, D); a row of zeros has cosine 0 with every row.
    """

    def __init__(self, features: Tensor) -> None:
        self._unit = unit_rows(features)

    def __len__(self) -> int:
        """M."""
        return len(self._unit)

    def rows(self, rows: slice) -> Tensor:
        """Cosines of these rows with all, (R, M), float32 or wider, without gradient."""
        with torch.no_grad(), torch.autocast(self._unit.device.type, enabled=False):
            return self._unit[rows] @ self._unit.T


def unit_rows(features: Tensor) -> Tensor:
    """Rows (M, D) of length 1, or of zeros, float32 or wider, without gradient."""
    with torch.no_grad(), torch.autocast(features.device.type, enabled=False):
        dtype = torch.promote_types(features.dtype, torch.float32)
        return F.normalize(features.to(dtype), dim=1)


def cosine_similarity(features: Tensor) -> Tensor:
    """Cosine of each pair of rows; a row of zeros has cosine 0 with every row, itself too.

    Args:
        features: pooled frozen features, (M, D).

    Returns:
        (M, M), float32 or wider, without gradient.
    """
    return CosineRows(features).rows(slice(None))
