"""Random samples of labelled rows, a bounded number of each class, from any number of rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stslidr.errors import InputError


@dataclass(frozen=True, eq=False)
class LabelledRows:
    """R rows of features that stand for all rows they were drawn from.

    Attributes:
        features: (R, F).
        classes: int64 (R,), 0 to K - 1.
        counts: int64 (K,), rows of each class among all that were seen.
    """

    features: np.ndarray
    classes: np.ndarray
    counts: np.ndarray

    def weights(self, prior: float) -> np.ndarray:
        """Weight of each row, float64 (R,), with mean 1.

        Args:
            prior: exponent on a class's frequency. With 1 the classes weigh as much as among all
                rows, with 0 all weigh the same, between them lie compromises.
        """
        kept = np.bincount(self.classes, minlength=len(self.counts))
        of_class = self.counts.astype(np.float64) ** prior / np.maximum(kept, 1)
        weights = of_class[self.classes]
        return weights / weights.mean()

    def orders_of_magnitude(self) -> float:
        """Decimal logarithm of the most frequent class over the rarest that occurs."""
        present = self.counts[self.counts > 0]
        return float(np.log10(present.max() / present.min()))


class ClassSampler:
    """Draws at most `limit` rows of each class, each row of a class with the same chance.

    Memory depends on the limit and on what is added at once, not on how often rows are added.
    """

    def __init__(self, num_classes: int, limit: int, seed: int) -> None:
        """Start without rows.

        Args:
            num_classes: K; rows of class K and above are ignored.
            limit: rows to keep of each class.
            seed: of the draws.
        """
        self._limit = limit
        self._rng = np.random.default_rng(seed)
        self._counts = np.zeros(num_classes, dtype=np.int64)
        self._keys: dict[int, np.ndarray] = {}
        self._rows: dict[int, np.ndarray] = {}

    def add(self, features: np.ndarray, classes: np.ndarray) -> None:
        """Show rows (N, F) with their classes, integers (N,).

        Each row draws a number; those with the lowest numbers of a class are kept.
        """
        keys = self._rng.random(len(classes))
        for index in np.unique(classes[classes < len(self._counts)]).tolist():
            own = classes == index
            self._counts[index] += np.count_nonzero(own)
            self._merge(index, keys[own], features[own])

    def rows(self) -> LabelledRows:
        """What was drawn.

        Raises:
            InputError: if no row of any class was shown.
        """
        if not self._rows:
            raise InputError('there is no labelled point of any of the classes')
        order = sorted(self._rows)
        classes = [np.full(len(self._rows[index]), index) for index in order]
        return LabelledRows(
            np.concatenate([self._rows[index] for index in order]),
            np.concatenate(classes).astype(np.int64),
            self._counts.copy(),
        )

    def _merge(self, index: int, keys: np.ndarray, rows: np.ndarray) -> None:
        """Keep the lowest keys of a class among those kept before and new ones."""
        if index in self._rows:
            keys = np.concatenate([self._keys[index], keys])
            rows = np.concatenate([self._rows[index], rows])
        kept = np.argsort(keys)[: self._limit]
        self._keys[index], self._rows[index] = keys[kept], rows[kept]
