"""Class balance: anchors with many look-alikes in the batch count less."""

from __future__ import annotations

import torch
from torch import Tensor

from stslidr.losses.tolerance import row_blocks

# Votes that differ by less, relative to the largest, are equal: cosines are float32.
EQUAL_VOTES = 32 * torch.finfo(torch.float32).eps


def anchor_weights(similarity: Tensor, threshold: float = 0.5) -> Tensor:
    """Weight of each anchor, `w_i = 1 - (v_i - min v) / (max v - min v)`.

    The votes are `v_i = sum_j s_ij [s_ij >= threshold]`, i itself included. Where all votes are
    equal, a quotient 0/0 in the published code, every weight is 1. The votes are summed in
    float64: the subtraction of the minimum would magnify float32's rounding.

    Args:
        similarity: cosine similarities of the superpixels, (M, M).
        threshold: smallest similarity that counts as a vote.

    Returns:
        (M,) in the dtype of `similarity`, within [0, 1], the largest weight 1.
    """
    if len(similarity) == 0:
        return similarity.new_zeros(0)
    votes = torch.cat([row_votes(block, threshold) for _, block in row_blocks(similarity)])
    return VoteWeights(votes).weights.to(similarity.dtype)


def row_votes(similarity: Tensor, threshold: float) -> Tensor:
    """Votes v_i of some rows (R, M), float64 (R,)."""
    return similarity.where(similarity >= threshold, 0.0).sum(dim=1, dtype=torch.float64)


class VoteWeights:
    """`w_i = slope (v_i - base) + offset`, and what it is made of: what is linear in w is in v.

    Args:
        votes: v_i, float64 (M,), M > 0.
        base: scalar between the smallest and the largest vote; 0 by default.
    """

    def __init__(self, votes: Tensor, base: Tensor | None = None) -> None:
        lowest, highest = torch.aminmax(votes)
        unequal = highest - lowest > EQUAL_VOTES * highest
        span = (highest - lowest).where(unequal, 1.0)
        self.slope = torch.where(unequal, -1.0 / span, 0.0)
        self.offset = torch.where(unequal, (highest - (0 if base is None else base)) / span, 1.0)
        self.weights = torch.where(unequal, (highest - votes) / span, 1.0)
