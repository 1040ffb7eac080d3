"""InfoNCE from points to pixels, with semantic tolerance and class balance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from stslidr.contracts.criterion import ContrastiveResult, Similarity, Statistics
from stslidr.errors import InputError
from stslidr.losses.fused_contrast import Terms, contrast

TOLERANCES = ('none', 'quantile', 'soft')
DROPPED_PAIRS = ('unit', 'excluded')


class TolerantStatistics(Statistics):
    """What `TolerantContrastiveLoss` reports, means over the anchors."""

    positive_cosine: Tensor
    """Cosine of k_i with q_i."""
    negative_cosine: Tensor
    """Cosine of k_i with the other q_j."""
    dropped_negatives: Tensor
    """The weight taken off an anchor's negatives, `sum_j (1 - w_ij)`: a count for the quantile
    form."""
    anchor_weight: Tensor
    """a_i."""


STATISTICS = tuple(sorted(TolerantStatistics.__required_keys__))


class TolerantContrastiveLoss(nn.Module):
    """One contrastive loss for PPKT, SLidR and ST-SLidR.

    With embeddings k of superpoints and q of superpixels, temperature t and M anchors,

        l_i = -log( exp(w_ii k_i.q_i / t) / sum_j exp(w_ij k_i.q_j / t) ),   w_ii = 1
        loss = sum_i a_i l_i / sum_i a_i

    PPKT and SLidR have all w_ij = 1 and all a_i = 1. ST-SLidR takes the negatives' weights w_ij
    from `stslidr.losses.tolerance`, the anchors' weights a_i from `stslidr.losses.class_balance`.

    A setting that nothing would read must stay None; the values in brackets are used otherwise.

    Args:
        temperature: t, above 0.
        tolerance: 'none', 'quantile' or 'soft'.
        min_quantile: share of the most similar negatives to drop; quantile only [0.01].
        max_quantile: the negatives above it are dropped as well; quantile only [1.0].
        class_balance: weight the anchors, else all count the same.
        balance_threshold: smallest similarity that counts as a vote; class balance only [0.5].
        dropped_pairs: what a weight of 0 does; quantile only ['unit']. 'unit', as published: the
            pair stays in the denominator as exp(0) = 1; 'excluded': it leaves the denominator.

    Raises:
        ValueError: a value out of range, or a setting that nothing would read.
    """

    similarity_in_rows = True

    def __init__(
        self,
        temperature: float = 0.07,
        tolerance: str = 'none',
        min_quantile: float | None = None,
        max_quantile: float | None = None,
        class_balance: bool = False,
        balance_threshold: float | None = None,
        dropped_pairs: str | None = None,
    ) -> None:
        super().__init__()
        if not temperature > 0:
            raise InputError(f'temperature must be above 0, not {temperature}')
        if tolerance not in TOLERANCES:
            raise InputError(f'tolerance must be one of {TOLERANCES}, not {tolerance!r}')
        quantile_settings = {
            'min_quantile': min_quantile,
            'max_quantile': max_quantile,
            'dropped_pairs': dropped_pairs,
        }
        if tolerance != 'quantile':
            _refuse_unread(quantile_settings, "tolerance='quantile'")
        if not class_balance:
            _refuse_unread({'balance_threshold': balance_threshold}, 'class_balance=True')
        self.temperature = temperature
        self.tolerance = tolerance
        self.min_quantile = 0.01 if min_quantile is None else min_quantile
        self.max_quantile = 1.0 if max_quantile is None else max_quantile
        self.class_balance = class_balance
        self.balance_threshold = 0.5 if balance_threshold is None else balance_threshold
        self.dropped_pairs = 'unit' if dropped_pairs is None else dropped_pairs
        self._check_ranges()

    def _check_ranges(self) -> None:
        if not 0.0 <= self.min_quantile < self.max_quantile <= 1.0:
            raise InputError(
                f'0 <= min_quantile < max_quantile <= 1 must hold, not min_quantile = '
                f'{self.min_quantile} and max_quantile = {self.max_quantile}'
            )
        if self.min_quantile == 0.0 and self.max_quantile == 1.0:
            raise InputError(
                "min_quantile = 0 and max_quantile = 1 drop nothing: set tolerance to 'none', or "
                "to 'soft' (the published code's meaning of these two values)"
            )
        if not 0.0 <= self.balance_threshold <= 1.0:
            raise InputError(f'balance_threshold must be in 0..1, not {self.balance_threshold}')
        if self.dropped_pairs not in DROPPED_PAIRS:
            raise InputError(
                f'dropped_pairs must be one of {DROPPED_PAIRS}, not {self.dropped_pairs!r}'
            )

    @property
    def needs_similarity(self) -> bool:
        """Whether `forward` reads its `similarity`."""
        return self.tolerance != 'none' or self.class_balance

    def forward(
        self, points: Tensor, pixels: Tensor, similarity: Tensor | Similarity | None = None
    ) -> ContrastiveResult:
        """Contrast each row of `points` with all rows of `pixels`; row i belongs to row i.

        Computes in float32, or float64 if `points` is, also under autocast. Without any row the
        loss is a zero that is still connected to both inputs.

        Args:
            points: superpoint (or point) embeddings k, (M, D).
            pixels: superpixel (or pixel) embeddings q, (M, D).
            similarity: cosine of the frozen features, (M, M) or its rows; None unless
                `needs_similarity`.

        Returns:
            The loss and its `TolerantStatistics`. An anchor is matched if its largest k_i.q_j is
            k_i.q_i, which of equals the first is.

        Raises:
            ValueError: the shapes disagree, or `similarity` is needed and None.
        """
        self._check_inputs(points, pixels, similarity)
        with torch.autocast(points.device.type, enabled=False):
            dtype = torch.promote_types(points.dtype, torch.float32)
            points, pixels = points.to(dtype), pixels.to(dtype)
            if len(points) == 0:
                zero = points.sum() * 0.0 + pixels.sum() * 0.0
                zeros = dict.fromkeys(STATISTICS, zero.detach())
                return ContrastiveResult(zero, cast(TolerantStatistics, zeros))
            return self._contrast(points, pixels, _in_rows(similarity))

    def _contrast(
        self, points: Tensor, pixels: Tensor, similarity: Similarity | None
    ) -> ContrastiveResult:
        positive_cosine, negative_cosine = _mean_cosines(points.detach(), pixels.detach())
        result = contrast(points, pixels, similarity, self._terms)
        statistics = TolerantStatistics(
            num_anchors=points.new_tensor(float(len(points))),
            positive_cosine=positive_cosine,
            negative_cosine=negative_cosine,
            top1_matching=result.top1_matching,
            dropped_negatives=result.dropped_negatives,
            anchor_weight=result.anchor_weight,
        )
        return ContrastiveResult(result.loss, statistics)

    @property
    def _terms(self) -> Terms:
        return Terms(
            self.temperature,
            self.tolerance,
            self.min_quantile,
            self.max_quantile,
            self.dropped_pairs == 'excluded',
            self.balance_threshold if self.class_balance else None,
        )

    def _check_inputs(
        self, points: Tensor, pixels: Tensor, similarity: Tensor | Similarity | None
    ) -> None:
        if points.ndim != 2 or points.shape != pixels.shape:
            raise ValueError(
                f'points {tuple(points.shape)} and pixels {tuple(pixels.shape)} must both be (M, D)'
            )
        if self.needs_similarity:
            if similarity is None:
                raise ValueError(
                    f'tolerance={self.tolerance!r} with class_balance={self.class_balance} needs '
                    f'the similarity of the superpixels'
                )
            size = len(similarity)
            shape = tuple(similarity.shape) if isinstance(similarity, Tensor) else (size, size)
            if shape != (len(points), len(points)):
                raise ValueError(f'similarity {shape} must be (M, M) for M = {len(points)}')


def _refuse_unread(settings: Mapping[str, object], condition: str) -> None:
    unread = [name for name, value in settings.items() if value is not None]
    if unread:
        raise InputError(f'{", ".join(unread)} would not be read: needs {condition}')


@dataclass(frozen=True)
class _MatrixRows:
    """The rows of a similarity matrix."""

    matrix: Tensor

    def __len__(self) -> int:
        return len(self.matrix)

    def rows(self, rows: slice) -> Tensor:
        return self.matrix[rows]


def _in_rows(similarity: Tensor | Similarity | None) -> Similarity | None:
    return _MatrixRows(similarity.detach()) if isinstance(similarity, Tensor) else similarity


def _mean_cosines(points: Tensor, pixels: Tensor) -> tuple[Tensor, Tensor]:
    """Mean over the positives and the negatives, in O(M D): the sum over all is a dot product."""
    num_anchors = len(points)
    points, pixels = F.normalize(points, dim=1), F.normalize(pixels, dim=1)
    positives = (points * pixels).sum(dim=1)
    others = points.sum(dim=0) @ pixels.sum(dim=0) - positives.sum()
    if num_anchors > 1:
        return positives.mean(), others / (num_anchors * (num_anchors - 1))
    return positives.mean(), torch.zeros_like(others)
