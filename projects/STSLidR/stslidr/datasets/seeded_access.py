"""Samples whose random draws follow from their key alone; what happens to a bad one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from mmengine.dataset import BaseDataset

from stslidr.core.seeding import SampleKey, seeded
from stslidr.errors import InputError, UserError

SKIPPED = 'skipped'
"""Where a packed sample has the `Skips` in whose place it stands."""


@dataclass(frozen=True)
class SkippedSample:
    """A sample that could not be used.

    Attributes:
        name: its token, else the path of its sweep, else its position.
        reason: the text of the error; names the file.
    """

    name: str
    reason: str


def checked_limit(max_bad_samples: int) -> int:
    """The number, which is whole and not below 0.

    Raises:
        InputError: it is not.
    """
    if type(max_bad_samples) is not int or max_bad_samples < 0:
        raise InputError(f'max_bad_samples is a whole number from 0 on, not {max_bad_samples!r}')
    return max_bad_samples


@dataclass(frozen=True)
class Skips:
    """Those that were skipped for one sample. A class, as collating takes sequences apart."""

    samples: tuple[SkippedSample, ...]


class SeededDataset(BaseDataset):
    """A dataset of mmengine's that draws alike for a key, in whichever process and order.

    Attributes:
        max_bad_samples: how many different samples a training may skip; with 0 the first bad one is
            an error.
        counts_skips: whether somebody counts what is skipped; `SkippedSamplesHook` sets it. Until
            then a bad sample is an error, whatever `max_bad_samples`.
    """

    max_bad_samples = 0
    counts_skips = False

    def __getitem__(self, key: int | SampleKey) -> Any:
        """Return the packed sample of a key; its random draws follow from the key alone.

        A plain index stands for epoch 0 and seed 0. Where bad samples may be skipped, the next good
        one stands in for a bad one, and the packed sample has `Skips` under `SKIPPED`.

        Raises:
            InputError: a sample cannot be used, or more in a row than may be skipped.
        """
        index, epoch, seed = key if isinstance(key, SampleKey) else SampleKey(int(key))
        index = range(len(self))[index]  # IndexError beyond the end, -1 is the last
        if not (self.counts_skips and self.max_bad_samples):
            return self._load(index, epoch, seed)
        skipped: list[SkippedSample] = []
        while True:
            try:
                sample = self._load((index + len(skipped)) % len(self), epoch, seed)
            except (UserError, OSError) as error:
                if len(skipped) >= min(self.max_bad_samples, len(self) - 1):
                    raise
                bad = (index + len(skipped)) % len(self)
                skipped.append(SkippedSample(self.name_of(bad), str(error)))
            else:
                return {**sample, SKIPPED: Skips(tuple(skipped))}

    def _get_unserialized_subset(self, indices: Any) -> list[dict]:  # of mmengine's full_init
        """The samples of ``indices``, once that is what it may be.

        Raises:
            InputError: it is no number and no positions of samples, or takes none.
        """
        number = len(self.data_list)
        positions = [indices] if isinstance(indices, int) else indices
        if not isinstance(positions, Sequence) or not all(
            isinstance(position, int) and not isinstance(position, bool) for position in positions
        ):
            raise InputError(f'indices is a number or a list of positions, not {indices!r}')
        if not positions or indices == 0:
            raise InputError(f'indices={indices} takes none of the {number} samples')
        beyond = [p for p in positions if not -number <= p < number]
        if beyond and not isinstance(indices, int):
            raise InputError(f'indices names sample {beyond[0]}, and there are {number}')
        return super()._get_unserialized_subset(indices)

    def name_of(self, index: int) -> str:
        """The token of a sample, else the path of its sweep, else its position."""
        sample = self.get_data_info(index)
        return str(next(filter(None, (sample.get('token'), _sweep_of(sample))), index))

    def _load(self, index: int, epoch: int, seed: int) -> Any:
        with seeded(seed, epoch, index):
            try:
                sample = self.prepare_data(index)
            except UserError as error:
                raise self._naming_the_sample(error, index) from error
        if sample is None:
            raise InputError(f'sample {self.name_of(index)}: a transform returned None for it')
        return sample

    def _naming_the_sample(self, error: UserError, index: int) -> UserError:
        """The error, with sample and sweep before its text unless that names one of its files."""
        sample, text = self.get_data_info(index), str(error)
        sweep = _sweep_of(sample)
        files = [sweep, sample.get('pts_semantic_mask_path')]
        files += [camera['path'] for camera in sample.get('cameras', ())]
        if any(file and str(file) in text for file in files):
            return error
        name = self.name_of(index)
        where = f'sweep {sweep}' if name == sweep else f'sample {name}, sweep {sweep}'
        return type(error)(f'{where}: {text}')


def _sweep_of(sample: dict[str, Any]) -> str | None:
    return sample.get('lidar_path') or sample.get('lidar_points', {}).get('lidar_path')


def seeded_datasets(dataset: object) -> Iterator[SeededDataset]:
    """The data set, or those that mmengine's wrappers around it hold."""
    if isinstance(dataset, SeededDataset):
        yield dataset
        return
    for inner in (getattr(dataset, 'dataset', None), *getattr(dataset, 'datasets', ())):
        if inner is not None:
            yield from seeded_datasets(inner)
