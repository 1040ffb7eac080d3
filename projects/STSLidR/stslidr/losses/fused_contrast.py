"""Loss and both gradients of the tolerant InfoNCE in one pass over blocks of rows.

No (M, M) matrix is ever held. An anchor's weight follows from the votes of all anchors, which the
last block completes; the weights are linear in the votes, so the pixels' gradient is summed twice,
plain and times the votes, and put together at the end.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.autograd.function import once_differentiable

from stslidr.contracts.criterion import Similarity
from stslidr.losses.class_balance import VoteWeights, row_votes
from stslidr.losses.tolerance import kept_rows, soft_rows

BLOCK_ELEMENTS = 2**20
"""Of a block of logits; some five such blocks are held at a time, 4 MiB each."""
BLOCK_ELEMENTS_CUDA = 2**25
"""On a GPU, where each operation on a small block would wait for its start."""


@dataclass(frozen=True)
class Terms:
    """What the loss is made of.

    Args:
        temperature: t.
        tolerance: 'none', 'quantile' or 'soft'.
        min_quantile: of the quantile form.
        max_quantile: of the quantile form.
        excluded: a dropped pair leaves the denominator, else it stays there as 1.
        balance_threshold: smallest similarity that votes; None weights all anchors alike.
    """

    temperature: float
    tolerance: str
    min_quantile: float
    max_quantile: float
    excluded: bool
    balance_threshold: float | None


class Contrast(NamedTuple):
    """Scalars; all but the loss without gradient."""

    loss: Tensor
    top1_matching: Tensor
    dropped_negatives: Tensor
    anchor_weight: Tensor


def contrast(
    points: Tensor, pixels: Tensor, similarity: Similarity | None, terms: Terms
) -> Contrast:
    """`TolerantContrastiveLoss` of M > 0 rows.

    Args:
        points: k, (M, D), float32 or float64.
        pixels: q, (M, D), of the same type.
        similarity: of M rows; None where no term reads it.
        terms: what the loss is made of.
    """
    return Contrast(*_FusedContrast.apply(points, pixels, similarity, terms))


class _FusedContrast(torch.autograd.Function):
    """Its backward pass only scales what the forward pass has made."""

    @staticmethod
    def forward(
        ctx: Any, points: Tensor, pixels: Tensor, similarity: Similarity | None, terms: Terms
    ) -> Contrast:
        with_gradients = any(ctx.needs_input_grad)
        rows = _Rows(points, pixels, similarity, terms, with_gradients)
        for block in _blocks(
            len(points), BLOCK_ELEMENTS_CUDA if points.is_cuda else BLOCK_ELEMENTS
        ):
            rows.add(block)
        result, gradients = rows.finish()
        ctx.save_for_backward(*gradients)
        ctx.mark_non_differentiable(*result[1:])
        return result

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad_loss: Tensor, *_: Tensor) -> tuple[Tensor | None, ...]:
        grad_points, grad_pixels = ctx.saved_tensors
        return grad_points * grad_loss, grad_pixels * grad_loss, None, None


def _blocks(num_rows: int, elements: int) -> Iterator[slice]:
    size = max(1, elements // num_rows)
    for start in range(0, num_rows, size):
        yield slice(start, min(start + size, num_rows))


class _Rows:
    """The sums over the rows so far."""

    def __init__(
        self,
        points: Tensor,
        pixels: Tensor,
        similarity: Similarity | None,
        terms: Terms,
        with_gradients: bool,
    ) -> None:
        self.points, self.pixels = points, pixels
        self.similarity, self.terms = similarity, terms
        self.with_gradients = with_gradients
        self.positives = (points * pixels).sum(dim=1).div_(terms.temperature)
        self.losses = torch.empty_like(self.positives)
        self.pulls = torch.empty_like(self.positives)
        """sigmoid(L_i - p_i) / t: how strongly anchor i is pulled to its own pixel."""
        # whole at once: small results between large blocks would scatter those over the memory
        self.matched = torch.empty_like(self.positives, dtype=torch.bool)
        self.dropped = torch.zeros_like(self.positives)
        self.votes = torch.zeros_like(self.positives, dtype=torch.float64)
        self.base: Tensor | None = None
        """A vote to count from: what is left has no digits to lose."""
        width = points.shape[1] * (1 if terms.balance_threshold is None else 2)
        self.grad_points = torch.empty_like(points) if with_gradients else points[:0]
        self.grad_pixels = points.new_zeros(len(points), width) if with_gradients else points[:0]

    def add(self, rows: slice) -> None:
        """Add a block of anchors."""
        terms, points = self.terms, self.points[rows]
        logits = (points @ self.pixels.T).div_(terms.temperature)
        own = torch.arange(rows.start, rows.stop, device=points.device)
        # argmax takes the first of equals, so that collapsed embeddings do not match.
        self.matched[rows] = logits.argmax(dim=1) == own

        similarity = None if self.similarity is None else self.similarity.rows(rows)
        weights = self._weights(similarity, own)
        if weights is not None:
            self.dropped[rows] = weights.shape[1] - weights.sum(dim=1)
        # The lowest number instead of -inf: a row of nothing else has a gradient of 0, not NaN.
        lowest = torch.finfo(logits.dtype).min
        if weights is not None and terms.excluded:
            logits.masked_fill_(~weights, lowest)
        elif weights is not None:
            logits.mul_(weights)
        logits[own - rows.start, own] = lowest

        # l_i = log(1 + sum_{j != i} exp(z_ij - z_ii)): no digits are lost where the loss is small.
        highest = logits.amax(dim=1, keepdim=True)
        exponentials = logits.sub_(highest).exp_()
        sums = exponentials.sum(dim=1)
        margins = sums.log() + highest[:, 0] - self.positives[rows]
        self.losses[rows] = F.softplus(margins)
        self.pulls[rows] = torch.sigmoid(margins) / terms.temperature
        self._vote(rows, similarity)
        if self.with_gradients:
            self._add_gradients(rows, exponentials, sums, weights)

    def _weights(self, similarity: Tensor | None, own: Tensor) -> Tensor | None:
        """(R, M), bool where they are 0 or 1; None where all are 1."""
        terms = self.terms
        if similarity is None or terms.tolerance == 'none':
            return None
        if terms.tolerance == 'soft':
            weights = soft_rows(similarity)
        else:
            weights = kept_rows(similarity, terms.min_quantile, terms.max_quantile)
        weights[own - own[0], own] = 1
        return weights

    def _vote(self, rows: slice, similarity: Tensor | None) -> None:
        threshold = self.terms.balance_threshold
        if similarity is None or threshold is None:
            return
        self.votes[rows] = row_votes(similarity, threshold)
        if self.base is None:
            self.base = self.votes[rows].mean()

    def _add_gradients(
        self, rows: slice, exponentials: Tensor, sums: Tensor, weights: Tensor | None
    ) -> None:
        """Of the sum of l_i, each times its anchor's weight, which is not known yet."""
        points, pulls = self.points[rows], self.pulls[rows]
        pushes = exponentials.mul_((pulls / sums)[:, None])
        if weights is not None and not self.terms.excluded:
            pushes.mul_(weights)
        self.grad_points[rows] = pushes @ self.pixels - pulls[:, None] * self.pixels[rows]
        if self.base is not None:
            votes = (self.votes[rows] - self.base).to(points.dtype)
            points = torch.cat([points, votes[:, None] * points], dim=1)
        self.grad_pixels.addmm_(pushes.T, points)

    def finish(self) -> tuple[Contrast, tuple[Tensor, Tensor]]:
        """The means over the anchors, and their gradients by points and pixels."""
        losses = self.losses
        anchors, plain, by_vote = torch.ones_like(losses), losses.new_ones(()), None
        if self.base is not None:
            balance = VoteWeights(self.votes, self.base)
            anchors = balance.weights.to(losses)
            plain, by_vote = balance.offset.to(losses), balance.slope.to(losses)
        total = anchors.sum()
        result = Contrast(
            (anchors * losses).sum() / total,
            self.matched.to(losses).mean(),
            self.dropped.mean(),
            anchors.mean(),
        )
        if not self.with_gradients:
            return result, (self.grad_points, self.grad_pixels)
        shares = (anchors / total)[:, None]
        num = self.points.shape[1]
        grad_pixels = self.grad_pixels[:, :num] * (plain / total)
        if by_vote is not None:
            grad_pixels.add_(self.grad_pixels[:, num:] * (by_vote / total))
        grad_pixels.sub_(shares * self.pulls[:, None] * self.points)
        return result, (self.grad_points.mul_(shares), grad_pixels)
