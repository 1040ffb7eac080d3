"""What a loss must offer: the criterion of a pretraining."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypedDict

if TYPE_CHECKING:
    from torch import Tensor


class Statistics(TypedDict):
    """What every criterion reports beside its loss: scalars without gradient.

    A criterion may report more, in a subclass of this: all of it is logged under its name.
    """

    num_anchors: Tensor
    """M, the rows that were contrasted; the log calls it what they are, and a validation weights
    its means by it."""
    top1_matching: Tensor
    """Share of the anchors that are closest to their own partner, 0 to 1."""


class ContrastiveResult(NamedTuple):
    """What a criterion returns."""

    loss: Tensor
    """Scalar, with a graph, also where there is no row."""

    statistics: Statistics
    """Scalars without gradient."""


class Similarity(Protocol):
    """Cosines of the frozen features of M superpixels, in blocks of rows: never (M, M) at once."""

    def __len__(self) -> int:
        """M."""

    def rows(self, rows: slice) -> Tensor:
        """Cosines of these superpixels with all of them, (R, M), without a graph."""


class Criterion(Protocol):
    """Contrasts M points with M pixels; row i of the one belongs to row i of the other."""

    @property
    def needs_similarity(self) -> bool:
        """Whether a call reads its `similarity`; else None is given, and nothing is computed."""

    def __call__(self, points: Tensor, pixels: Tensor, similarity: Any) -> ContrastiveResult:
        """Return the loss and its statistics.

        Args:
            points: unit embeddings of superpoints or points, (M, D), with a graph; M may be 0.
            pixels: unit embeddings of superpixels or pixels, (M, D), with a graph.
            similarity: cosines of the frozen features of the superpixels, (M, M), without a graph.
                A criterion with ``similarity_in_rows = True`` is given a `Similarity` instead.
        """
