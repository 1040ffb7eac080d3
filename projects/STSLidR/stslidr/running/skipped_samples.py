"""The hook that counts the bad samples which a training skips."""

from __future__ import annotations

import logging
from collections.abc import Mapping, MutableMapping
from typing import Any

from mmengine.dist import all_gather_object, get_world_size
from mmengine.hooks import Hook
from mmengine.logging import print_log
from mmengine.runner import Runner

from stslidr.datasets.seeded_access import SKIPPED, SkippedSample, seeded_datasets
from stslidr.errors import InputError

META_KEY = 'skipped_samples'
"""Where the meta data of a checkpoint have name -> reason of each sample that was skipped."""


class SkippedSamplesHook(Hook):
    """Let a training skip as many different samples as its data set says, and count them.

    Each skip is a line in the log, with the sample, its file and the reason. All that were skipped
    so far stand in the checkpoint's meta data, under `META_KEY`; a resumed run counts on.

    `CheckedRunner` adds it to every training. With another runner, add it to ``custom_hooks``:
    without it nothing is skipped.
    """

    priority = 'VERY_HIGH'  # before what looks at the batch

    def __init__(self) -> None:
        self._limit = 0
        self._reasons: dict[str, str] = {}

    def before_train(self, runner: Runner) -> None:
        """Tell the data sets that somebody counts."""
        datasets = list(seeded_datasets(runner.train_dataloader.dataset))
        self._limit = max((dataset.max_bad_samples for dataset in datasets), default=0)
        for dataset in datasets:
            dataset.counts_skips = True

    def before_train_iter(self, runner: Runner, batch_idx: int, data_batch: Any = None) -> None:
        """Take what was skipped out of the batch, and count it.

        Raises:
            InputError: more different samples were skipped than may be.
        """
        if not self._limit:
            return
        samples = data_batch.pop(SKIPPED, ()) if isinstance(data_batch, MutableMapping) else ()
        skipped = [each for sample in samples for each in sample.samples]
        if get_world_size() > 1:  # all end alike
            skipped = [each for found in all_gather_object(skipped) for each in found]
        for each in skipped:
            self._count(each, runner.iter + 1)

    def after_train_epoch(self, runner: Runner) -> None:
        """Say how many were skipped so far."""
        if self._reasons:
            _warn(f'{self._number()} skipped so far')

    def before_save_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        """Store what was skipped."""
        if self._limit:
            checkpoint['meta'][META_KEY] = dict(self._reasons)

    def after_load_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        """Count on from what a resumed run has skipped."""
        stored = checkpoint.get('meta', {}).get(META_KEY)
        if runner._resume and isinstance(stored, Mapping):
            self._reasons = {str(name): str(reason) for name, reason in stored.items()}

    def _count(self, skipped: SkippedSample, iteration: int) -> None:
        self._reasons[skipped.name] = skipped.reason
        # its number makes each line another one: mmengine's logger drops what it has said before
        text = f'iteration {iteration}: sample {skipped.name} is skipped: {skipped.reason}'
        if len(self._reasons) > self._limit:
            raise InputError(
                f'{text}. That makes {self._number()}, and max_bad_samples is {self._limit}: mend '
                'the data (tools/check_data.py lists what is wrong), or raise it'
            )
        _warn(f'{text} ({self._number()} of at most {self._limit})')

    def _number(self) -> str:
        number = len(self._reasons)
        return f'{number} bad sample{"s" if number > 1 else ""}'


def _warn(text: str) -> None:
    print_log(text, logger='current', level=logging.WARNING)
