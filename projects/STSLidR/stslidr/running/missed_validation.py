"""The hook that makes up a validation which an interruption cut off."""

from __future__ import annotations

import logging
from pathlib import Path

from mmengine.dist import broadcast_object_list, is_main_process
from mmengine.hooks import Hook
from mmengine.logging import print_log
from mmengine.runner import BaseLoop, EpochBasedTrainLoop, IterBasedTrainLoop, Runner

from stslidr.files.atomic import write_bytes

MARK = 'last_validation'
"""File in the work dir: the iteration after which the last whole validation came."""


class MissedValidationHook(Hook):
    """Validate before a resumed training goes on, if a validation is due where it goes on from.

    A checkpoint is written before the validation that follows it. A run that is killed in this
    validation would else have no score for that checkpoint, and none at all if it is the last.
    `CheckedRunner` adds it to every training.
    """

    priority = 'LOWEST'  # others are ready then, and a score is stored

    def before_train(self, runner: Runner) -> None:
        """Make up what is missing; a run that begins anew forgets the mark of another."""
        mark = Path(runner.work_dir, MARK)
        if not runner._resume:
            if is_main_process():
                mark.unlink(missing_ok=True)
            return
        missed = [is_main_process() and _is_due(runner) and _read(mark) < runner.iter]
        broadcast_object_list(missed)  # the folder may be there for the first process alone
        if missed[0]:
            print_log(
                f'the validation after iteration {runner.iter} was cut off: it is made up now',
                logger='current',
                level=logging.WARNING,
            )
            runner.val_loop.run()

    def after_val_epoch(self, runner: Runner, metrics: dict | None = None) -> None:
        """Mark a validation within a training as done."""
        if is_main_process() and isinstance(runner._train_loop, BaseLoop):
            write_bytes(Path(runner.work_dir, MARK), f'{runner.iter}\n'.encode())


def _is_due(runner: Runner) -> bool:
    """Whether a validation follows the iteration that the run is at."""
    loop = runner.train_loop
    if runner.val_loop is None or runner.iter == 0:
        return False
    if isinstance(loop, IterBasedTrainLoop):
        place, end, whole = loop.iter, loop.max_iters, True
    elif isinstance(loop, EpochBasedTrainLoop):
        place, end = loop.epoch, loop.max_epochs
        whole = loop.iter == loop.epoch * len(loop.dataloader)
    else:
        return False
    loop._decide_current_val_interval()
    return whole and place >= loop.val_begin and (place % loop.val_interval == 0 or place == end)


def _read(mark: Path) -> int:
    """The iteration of the mark; -1 without one, or if it is damaged."""
    try:
        return int(mark.read_text())
    except (OSError, ValueError):
        return -1
