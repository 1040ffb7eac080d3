"""Samples whose random draws follow from their key alone."""

from __future__ import annotations

from typing import Any

from mmengine.dataset import BaseDataset

from stslidr.core.seeding import SampleKey, seeded


class SeededDataset(BaseDataset):
    """A dataset of mmengine's that draws alike for a key, in whichever process and order."""

    def __getitem__(self, key: int | SampleKey) -> Any:
        """Return the packed sample of a key; its random draws follow from the key alone.

        A plain index stands for epoch 0 and seed 0.
        """
        index, epoch, seed = key if isinstance(key, SampleKey) else SampleKey(int(key))
        index = range(len(self))[index]  # IndexError beyond the end, -1 is the last
        with seeded(seed, epoch, index):
            return self.prepare_data(index)
