"""The order of the samples, and the key that each sample's random draws follow from."""

from __future__ import annotations

from collections.abc import Iterator, Sized

import torch
from mmengine.dataset import DefaultSampler

from stslidr.core.seeding import SampleKey, derive_seed
from stslidr.errors import InputError


class SeededSampler(DefaultSampler):
    """mmengine's ``DefaultSampler`` that yields :class:`SampleKey` and can start in mid-epoch.

    The dataset derives every draw of a sample from (seed, epoch, index), so neither the number of
    workers nor an interruption changes what a sample looks like. mmengine's own worker seed has no
    epoch in it, and a plain index tells a persistent worker nothing about the epoch.

    Args:
        dataset: anything with a length.
        shuffle: draw a new order each epoch, from (seed, epoch).
        seed: the run's seed; None asks rank 0 for one.
        round_up: repeat samples until all ranks have equally many.
    """

    def __init__(
        self, dataset: Sized, shuffle: bool = True, seed: int | None = None, round_up: bool = True
    ) -> None:
        if len(dataset) == 0:
            raise InputError('the dataset is empty: no sample to draw (check its ann_file)')
        super().__init__(dataset, shuffle=shuffle, seed=seed, round_up=round_up)
        self.skipped = 0

    def skip(self, num_samples: int) -> None:
        """Leave out the first samples of all ranks in the next pass, and in that alone.

        The ranks share the others as they share a whole epoch.
        """
        if not 0 <= num_samples <= len(self.dataset):
            raise InputError(f'cannot skip {num_samples} of {len(self.dataset)} samples')
        self.skipped = num_samples

    def count_left(self, skipped: int) -> int:
        """Samples of this rank in a pass without the first ``skipped`` of all ranks."""
        left = len(self.dataset) - skipped
        if self.round_up:
            return -(-left // self.world_size)
        return len(range(self.rank, left, self.world_size))

    def __iter__(self) -> Iterator[SampleKey]:
        """Yield this rank's keys of the current epoch."""
        skipped, self.skipped = self.skipped, 0
        order = self._order()
        left = order[skipped:]
        if self.round_up:
            total = self.count_left(skipped) * self.world_size
            left += (order * (-(-total // len(order))))[: total - len(left)]
        own = left[self.rank :: self.world_size]
        return iter([SampleKey(index, self.epoch, self.seed) for index in own])

    def _order(self) -> list[int]:
        """Return the epoch's order over all ranks."""
        size = len(self.dataset)
        if not self.shuffle:
            order = list(range(size))
        else:
            generator = torch.Generator().manual_seed(derive_seed(self.seed, self.epoch))
            order = torch.randperm(size, generator=generator).tolist()
        return order
