"""Resuming with another number of processes than the checkpoint was made with.

The samples of an epoch stand in one order, of which the processes take turns. So those that were
seen are the first so many, whatever the number of processes, and the others can be shared anew. A
batch of all processes has another size then, an epoch another number of batches, and the schedule,
which counts batches, another place.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Mapping, MutableMapping
from typing import Any

from mmengine.dist import get_world_size
from mmengine.logging import print_log
from mmengine.optim.scheduler import _ParamScheduler
from mmengine.runner import Runner
from torch.optim import Optimizer

from stslidr.running.loops import ResumableTrainLoop

PROCESSES_KEY, SEEN_KEY = 'processes', 'samples_seen'
"""What the meta data of a checkpoint say: how many processes, and how many samples of its epoch all
of them together had seen."""


def describe_processes(runner: Runner, meta: Mapping[str, Any]) -> dict[str, int]:
    """What goes into the meta data of a checkpoint.

    Args:
        runner: in training.
        meta: of the checkpoint, with epoch and iteration.
    """
    loop = runner.train_loop
    if not isinstance(loop, ResumableTrainLoop):
        return {}
    return {PROCESSES_KEY: get_world_size(), SEEN_KEY: loop.count_seen(meta['epoch'], meta['iter'])}


def adapt_to_processes(runner: Runner, checkpoint: MutableMapping[str, Any]) -> None:
    """Let the loop go on behind the samples that were seen; count batches anew where they differ.

    Changes ``meta``, ``param_schedulers`` and the rates in ``optimizer``, if the checkpoint was
    made with another number of processes and another size of a batch; the log says so.

    Args:
        runner: about to resume, its loop and schedules built.
        checkpoint: the content of the file.
    """
    meta, loop = checkpoint.get('meta', {}), runner.train_loop
    if not isinstance(loop, ResumableTrainLoop) or not _is_number(meta.get(SEEN_KEY)):
        return
    seen = loop.start_behind(meta[SEEN_KEY])
    then, now = meta.get(PROCESSES_KEY), get_world_size()
    if then == now or not _is_number(then) or not _is_number(meta.get('epoch')):
        return
    batches = len(loop.dataloader)
    before = meta.get('batches_per_epoch')
    text = (
        f'resuming with {now} processes what was trained with {then}: '
        f'{seen} of {loop.num_samples} samples of epoch {meta["epoch"] + 1} were seen, the others '
        f'are shared among {now}. The result is another one than with {then}, if only by rounding'
    )
    if before != batches:
        meta['iter'] = meta['epoch'] * batches + batches - loop.count_left(seen)
        meta['batches_per_epoch'] = batches
        _place_schedules(runner, checkpoint)
        text += (
            f'. An epoch has {batches} batches of {loop.samples_per_batch} samples instead of '
            f'{before}, and the schedule is at iteration {meta["iter"]}; the learning rate is that '
            'of the config'
        )
    print_log(text, logger='current', level=logging.WARNING)


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _place_schedules(runner: Runner, checkpoint: MutableMapping[str, Any]) -> None:
    """Bring new schedules to the place of the checkpoint, and the rates that follow into it."""
    schedules, meta = runner.param_schedulers, checkpoint['meta']
    optimizer = getattr(runner.optim_wrapper, 'optimizer', None)
    stored = checkpoint.get('optimizer')
    if not isinstance(optimizer, Optimizer) or not isinstance(stored, MutableMapping):
        return
    if isinstance(schedules, list):
        if not all(isinstance(schedule, _ParamScheduler) for schedule in schedules):
            return
        with warnings.catch_warnings():
            warnings.simplefilter('ignore')  # that the optimiser has not stepped yet
            advance(schedules, meta['iter'], meta['epoch'], meta['batches_per_epoch'])
        checkpoint['param_schedulers'] = [schedule.state_dict() for schedule in schedules]
    for group, before in zip(optimizer.param_groups, stored.get('param_groups', ()), strict=False):
        for name in ('lr', 'initial_lr', 'momentum'):
            if name in group and name in before:
                before[name] = group[name]


def advance(
    schedules: list[_ParamScheduler], iterations: int, epochs: int, batches_per_epoch: int
) -> None:
    """Step fresh schedules as a training would that has come so far.

    Args:
        schedules: just built, at iteration 0.
        iterations: done.
        epochs: done, whole ones.
        batches_per_epoch: iterations of each.
    """
    for iteration in range(1, iterations + 1):
        for schedule in schedules:
            if not schedule.by_epoch:
                schedule.step()
        whole, rest = divmod(iteration, batches_per_epoch)
        if not rest and whole <= epochs:
            for schedule in schedules:
                if schedule.by_epoch:
                    schedule.step()
