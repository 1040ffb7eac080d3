"""SIGTERM and Ctrl-C: save at the end of the iteration, then end."""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Mapping
from functools import partial
from types import FrameType
from typing import Any, NoReturn

import torch
from mmengine.dist import all_reduce, get_world_size, is_main_process
from mmengine.hooks import CheckpointHook, Hook
from mmengine.logging import print_log
from mmengine.runner import BaseLoop, Runner
from torch.utils.data import DataLoader

from stslidr.errors import StoppedError
from stslidr.running.checkpoint_saving import PlainCheckpointHook

SIGNALS = (signal.SIGTERM, signal.SIGINT)


def keep_workers(loader: DataLoader, training: ctypes.c_bool) -> None:
    """Let the workers of a loader live on at the first signal; call it before they start.

    torchrun, slurm and a terminal signal all processes of a group. A worker that ends at once would
    end the training in the middle of its iteration.

    Args:
        loader: of the training, or of its validation.
        training: whether the training goes on, in memory that the workers share. Once it is over
            they end at the first signal: Python sends each just one when it exits.
    """
    loader.worker_init_fn = partial(_begin_worker, loader.worker_init_fn, training)


def _begin_worker(
    begin: Callable[[int], None] | None, training: ctypes.c_bool, number: int
) -> None:
    def ignore_once(number: int, frame: FrameType | None) -> None:
        signal.signal(number, signal.SIG_DFL)
        if not training.value:
            signal.raise_signal(number)

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, ignore_once)
    if begin is not None:
        begin(number)


class StopHook(Hook):
    """Ends a training at a signal, as slurm sends it before the time is over.

    After the iteration that is running, the first process saves what `PlainCheckpointHook` saves,
    as ``iter_N.pth``: ``--resume`` goes on from there. All processes end at the same iteration,
    whichever of them the signal reached. A second signal ends a process at once, and nothing is
    saved.

    `CheckedRunner` adds it to every training.
    """

    priority = 'LOWEST'  # after what saves a checkpoint of its own

    def __init__(self) -> None:
        self._received = self._process = 0
        self._before: dict[int, Any] = {}
        self._training = multiprocessing.RawValue(ctypes.c_bool, False)

    def before_train(self, runner: Runner) -> None:
        """Listen to the signals, in the main thread alone, as Python has it."""
        self._received, self._process = 0, os.getpid()
        self._training.value = True
        for loop in (runner.train_loop, runner._val_loop):
            if isinstance(loop, BaseLoop):
                keep_workers(loop.dataloader, self._training)
        if threading.current_thread() is threading.main_thread():
            self._before = {number: signal.signal(number, self._note) for number in SIGNALS}

    def after_train(self, runner: Runner) -> None:
        """Listen no longer."""
        self.release()

    def release(self) -> None:
        """Give the signals back to those who had them, and let the workers end."""
        self._training.value = False
        while self._before:
            signal.signal(*self._before.popitem())

    def after_train_iter(
        self,
        runner: Runner,
        batch_idx: int,
        data_batch: Any = None,
        outputs: Mapping[str, Any] | None = None,
    ) -> None:
        """Save and end, if a signal has come.

        Raises:
            StoppedError: after saving.
        """
        if number := self._agreed(runner):
            self._end(number, self._save(runner))

    def after_val_iter(
        self, runner: Runner, batch_idx: int, data_batch: Any = None, outputs: Any = None
    ) -> None:
        """End, if a signal has come: what was trained has been saved before.

        Raises:
            StoppedError: a signal has come.
        """
        if self._received and get_world_size() == 1:
            self._end(self._received, 'in the validation; what was trained before is saved')

    def _note(self, number: int, frame: FrameType | None) -> None:
        if os.getpid() != self._process:
            if not self._training.value:  # a worker of a loader that has not begun yet
                signal.signal(number, signal.SIG_DFL)
                signal.raise_signal(number)
            return
        if self._received:
            self.release()
            raise StoppedError(number, 'at the second signal, without saving')
        self._received = number
        name = signal.Signals(number).name
        print_log(f'{name}: stopping after this iteration; once more: at once', logger='current')

    def _agreed(self, runner: Runner) -> int:
        """The signal that any process has got, 0 without one."""
        if get_world_size() == 1:
            return self._received
        flag = torch.tensor([self._received], device=next(runner.model.parameters()).device)
        all_reduce(flag, op='max')
        return int(flag)

    @staticmethod
    def _save(runner: Runner) -> str:
        done = f'after iteration {runner.iter + 1}'
        for hook in runner.hooks:
            if isinstance(hook, PlainCheckpointHook):
                path = hook.save_iteration(runner)
                return f'{done}, which {path} holds: --resume goes on from there'
            if isinstance(hook, CheckpointHook):
                return f'{done}; what {type(hook).__name__} has saved last is what --resume takes'
        return f'{done}; the config has no checkpoint hook, so nothing is saved'

    def _end(self, number: int, where: str) -> NoReturn:
        self.release()
        raise StoppedError(number, where if is_main_process() else where.partition(',')[0])
