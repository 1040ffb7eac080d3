"""Semantic tolerance: how much each negative counts, judged by the frozen image features.

With `s_ij` the cosine similarity of superpixels i and j, each negative's logit is multiplied by a
weight `w_ij` in [0, 1]; the positive's weight `w_ii` is 1. See ST-SLidR (arXiv 2301.05709).
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

# Row blocks of at most this many elements bound the temporaries beside an (M, M) matrix (32 MiB).
BLOCK_ELEMENTS = 2**23


def soft_weights(similarity: Tensor) -> Tensor:
    """Weights `1 - clip(s_ij, 0, 1)`: the more alike, the weaker the negative.

    Args:
        similarity: cosine similarities, (M, M).

    Returns:
        (M, M) in the dtype of `similarity`, diagonal 1.
    """
    return soft_rows(similarity).fill_diagonal_(1.0)


def soft_rows(similarity: Tensor) -> Tensor:
    """`soft_weights` of some rows (R, M), but for the diagonal, which is as any other place."""
    return similarity.clamp(0.0, 1.0).neg_().add_(1.0)


def quantile_weights(
    similarity: Tensor, min_quantile: float = 0.01, max_quantile: float = 1.0
) -> Tensor:
    """Weights 0 and 1: row by row, drop the most (and the least) similar superpixels.

    Of the distances `1 - s_ij` of row i, i itself included, those strictly below the row's
    `min_quantile` quantile and those strictly above its `max_quantile` quantile are dropped.
    So is a distance of 0 (duplicate features), or below 0 by rounding.

    Args:
        similarity: cosine similarities, (M, M).
        min_quantile: 0 keeps the most similar.
        max_quantile: 1 keeps the least similar.

    Returns:
        bool (M, M), True where the weight is 1, as on the diagonal.
    """
    kept = torch.empty_like(similarity, dtype=torch.bool)
    for rows, block in row_blocks(similarity):
        kept[rows] = kept_rows(block, min_quantile, max_quantile)
    return kept.fill_diagonal_(True)


def kept_rows(similarity: Tensor, min_quantile: float, max_quantile: float) -> Tensor:
    """`quantile_weights` of some rows (R, M), but for the diagonal, which is as any other place."""
    distance = 1.0 - similarity
    keep = distance > 0.0
    if min_quantile > 0.0:
        keep &= distance >= row_quantile(distance, min_quantile)
    if max_quantile < 1.0:
        keep &= distance <= row_quantile(distance, max_quantile)
    return keep


def row_quantile(values: Tensor, quantile: float) -> Tensor:
    """`torch.quantile(values, quantile, dim=1, keepdim=True)`, bit for bit, by selection.

    `torch.quantile` sorts every row (older versions refuse more than 16M elements). Only the two
    order statistics around the quantile are needed, found here from the nearer end of the row.

    Args:
        values: floating point without NaN, (R, M) with M > 0.
        quantile: in [0, 1].

    Returns:
        (R, 1) in the dtype of `values`.
    """
    last = values.shape[1] - 1
    # The rank is rounded in the dtype of the values, as torch.quantile does.
    rank = torch.tensor(quantile, dtype=values.dtype) * last
    below, above = int(rank.floor()), int(rank.ceil())
    if above <= last // 2:
        nearest = values.topk(above + 1, dim=1, largest=False, sorted=False).values
        ordered = nearest.topk(above - below + 1, dim=1, largest=True).values
        value_above, value_below = ordered[:, :1], ordered[:, -1:]
    else:
        nearest = values.topk(last - below + 1, dim=1, largest=True, sorted=False).values
        ordered = nearest.topk(above - below + 1, dim=1, largest=False).values
        value_below, value_above = ordered[:, :1], ordered[:, -1:]
    return torch.lerp(value_below, value_above, (rank - below).to(values.device))


def row_blocks(matrix: Tensor) -> Iterator[tuple[slice, Tensor]]:
    """Walk over a matrix in blocks of whole rows, at most `BLOCK_ELEMENTS` elements each.

    Yields:
        The rows of the block as a slice, and the block, a view.
    """
    size = max(1, BLOCK_ELEMENTS // max(matrix.shape[1], 1))
    for start in range(0, len(matrix), size):
        rows = slice(start, start + size)
        yield rows, matrix[rows]
