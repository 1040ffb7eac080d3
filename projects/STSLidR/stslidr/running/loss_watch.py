"""The hook that ends a training which learns nothing or has broken down."""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping
from typing import Any

from mmengine.hooks import Hook
from mmengine.logging import print_log
from mmengine.runner import Runner
from torch import Tensor

from stslidr.errors import InputError

PATIENCE = 100
"""Batches in a row with nothing to learn from, after the first one."""
SCALED_PATIENCE = 10
"""Losses in a row that are not finite, under mixed precision, which skips such a step."""
PAIRS = ('occupied_superpixels', 'sampled_pairs')
"""What counts the pairs of a batch in the log of a pretraining."""


class LossWatchHook(Hook):
    """Look at each loss before a checkpoint is written.

    - A loss that is NaN or infinite is an error. Under mixed precision the step is skipped then, so
      there it takes `SCALED_PATIENCE` of them in a row.
    - A loss of exactly 0 is that of a batch without a pair, or without a labelled point. In the
      first batch, and `PATIENCE` times in a row, it is an error; else they are counted, and the log
      has their number after each epoch.

    `CheckedRunner` adds it to every training.
    """

    priority = 'ABOVE_NORMAL'  # before what logs and what saves

    def __init__(self) -> None:
        self._batches = self._empty = self._empty_run = self._broken_run = 0
        self._last: float | None = None

    def after_train_iter(
        self,
        runner: Runner,
        batch_idx: int,
        data_batch: Any = None,
        outputs: Mapping[str, Any] | None = None,
    ) -> None:
        """Look at the loss of a batch.

        Raises:
            InputError: as the class says; names the iteration, the numbers and the likely cause.
        """
        if not outputs or 'loss' not in outputs:
            return
        loss = _number(outputs['loss'])
        self._batches += 1
        if not math.isfinite(loss):
            self._take_broken(runner, loss, outputs)
        elif loss == 0.0:
            self._take_empty(runner, outputs)
        else:
            self._last, self._empty_run, self._broken_run = loss, 0, 0

    def after_train_epoch(self, runner: Runner) -> None:
        """Say how many batches had nothing to learn from."""
        if self._empty:
            print_log(
                f'{self._empty} of {self._batches} batches so far had nothing to learn from: '
                'their loss is 0',
                logger='current',
                level=logging.WARNING,
            )

    def _take_broken(self, runner: Runner, loss: float, outputs: Mapping[str, Any]) -> None:
        self._broken_run += 1
        scaled = hasattr(runner.optim_wrapper, 'loss_scaler')
        if self._broken_run < (SCALED_PATIENCE if scaled else 1):
            return
        before = 'there was none before' if self._last is None else f'the last was {self._last:.4g}'
        raise InputError(
            f'the loss of iteration {runner.iter + 1} is {loss} ({before}; {_listed(outputs)}; '
            f'learning rate {_rate(runner)}): lower the learning rate, clip gradients with '
            'optim_wrapper.clip_grad, or look for NaN in the data'
        )

    def _take_empty(self, runner: Runner, outputs: Mapping[str, Any]) -> None:
        self._empty += 1
        self._empty_run += 1
        first = self._batches == 1
        if not first and self._empty_run < PATIENCE:
            return
        which = 'the first batch has' if first else f'{self._empty_run} batches in a row have'
        if any(name in outputs for name in PAIRS):
            cause = (
                'hardly a point is paired with a pixel. Look at cam2img and lidar2cam, which must '
                'be those of these images and their size: tools/draw_keyframe.py shows a keyframe'
            )
        else:
            cause = 'no point has a label that counts: look at the label files and their classes'
        raise InputError(
            f'iteration {runner.iter + 1}: {which} nothing to learn from, a loss of 0 '
            f'({_listed(outputs)}): {cause}'
        )


def _number(value: Any) -> float:
    return float(value.detach() if isinstance(value, Tensor) else value)


def _listed(outputs: Mapping[str, Any]) -> str:
    return ', '.join(f'{name} {_number(value):.4g}' for name, value in outputs.items())


def _rate(runner: Runner) -> str:
    rates: list[float] = next(iter(runner.optim_wrapper.get_lr().values()), [])
    return ', '.join(f'{rate:.3g}' for rate in sorted(set(rates)))
