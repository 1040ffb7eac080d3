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
    votes = torch.cat(
        [
            block.where(block >= threshold, 0.0).sum(dim=1, dtype=torch.float64)
            for _, block in row_blocks(similarity)
        ]
    )
    lowest, highest = torch.aminmax(votes)
    weights = (highest - votes) / (highest - lowest)
    unequal = highest - lowest > EQUAL_VOTES * highest
    return weights.where(unequal, 1.0).to(similarity.dtype)
