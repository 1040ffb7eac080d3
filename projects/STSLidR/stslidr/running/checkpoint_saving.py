"""Checkpoints of plain data, written whole or not at all."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mmengine.dist import is_main_process
from mmengine.fileio import BaseStorageBackend, LocalBackend, register_backend
from mmengine.hooks import CheckpointHook
from mmengine.logging import HistoryBuffer
from mmengine.runner import Runner

from stslidr.checkpoints.checkpoint import not_finite
from stslidr.checkpoints.plain_data import to_plain
from stslidr.errors import InputError
from stslidr.files.atomic import write_bytes
from stslidr.running.other_processes import describe_processes
from stslidr.running.resuming import SAVED_NAME, check_same_epochs
from stslidr.running.same_run import describe_run
from stslidr.text import shorten

ATOMIC_BACKEND = 'atomic_local'
STOPPED_NAME = 'iter_{}.pth'


class AtomicLocalBackend(LocalBackend):
    """mmengine's local backend that writes aside, then renames."""

    def put(self, obj: bytes, filepath: str | Path) -> None:
        """Write ``obj`` to ``filepath``: readers see the old file or the whole new one."""
        Path(filepath).parent.mkdir(parents=True, exist_ok=True)
        write_bytes(Path(filepath), bytes(obj))

    def put_text(self, obj: str, filepath: str | Path, encoding: str = 'utf-8') -> None:
        """Write text as :meth:`put` writes bytes."""
        self.put(obj.encode(encoding), filepath)


class DeferringBackend(AtomicLocalBackend):
    """Notes what to remove, for after the save that replaces it."""

    def __init__(self) -> None:
        super().__init__()
        self.outdated: list[str] = []

    def remove(self, filepath: str | Path) -> None:
        """Note ``filepath``."""
        self.outdated.append(str(filepath))


register_backend(ATOMIC_BACKEND, AtomicLocalBackend, force=True)


class PlainCheckpointHook(CheckpointHook):
    """mmengine's ``CheckpointHook`` for checkpoints that survive a crash and need no trust.

    - Only tensors and Python's own containers are stored, so ``torch.load(weights_only=True)``
      reads the file with no allow-list; the logged history is rebuilt on resuming.
    - It knows its number of batches an epoch, and is resumed with that number alone.
    - A file is written aside and renamed; the old one goes only when the new one stands, and
      ``last_checkpoint`` is moved on between the two.

    Args:
        interval: epochs (iterations with ``by_epoch=False``) from one checkpoint to the next.
        **kwargs: what ``CheckpointHook`` takes, but ``backend_args`` and ``file_client_args``.

    Raises:
        InputError: for these two, and for a number that is none.
    """

    file_backend: BaseStorageBackend
    keep_ckpt_ids: deque[int]
    _run: dict[str, str | None] | None = None

    def __init__(self, interval: int = -1, **kwargs: Any) -> None:
        for name in ('backend_args', 'file_client_args'):
            if name in kwargs:
                raise InputError(f'PlainCheckpointHook takes no {name}: it writes local files')
        super().__init__(interval, backend_args=dict(backend=ATOMIC_BACKEND), **kwargs)
        for name in ('interval', 'max_keep_ckpts'):
            if type(value := getattr(self, name)) is not int:
                raise InputError(f'PlainCheckpointHook: {name} {value!r} is no whole number')

    def before_save_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        """Replace everything that is not plain data, in place; ``state_dict`` stays as it is.

        Raises:
            InputError: a weight is NaN or infinite, so training has broken down.
        """
        optim = runner.optim_wrapper
        checkpoint['meta'].update(
            batches_per_epoch=len(runner.train_dataloader),
            unapplied_batches=optim._inner_count % optim._accumulative_counts,
        )
        checkpoint['meta'].update(describe_processes(runner, checkpoint['meta']))
        if self._run is None:
            self._run = describe_run(runner)
        checkpoint['meta'].update(self._run)
        if broken := not_finite(checkpoint['state_dict'], checkpoint['state_dict']):
            raise InputError(
                f'{len(broken)} tensors of the model hold NaN or infinity, as {shorten(broken)}: '
                'no checkpoint is written. Lower the learning rate, or clip gradients with '
                'optim_wrapper.clip_grad'
            )
        hub = checkpoint['message_hub']
        hub['log_scalars'] = {
            name: dict(history=buffer.data[0], counts=buffer.data[1], length=buffer.max_length)
            for name, buffer in hub['log_scalars'].items()
        }
        for key in set(checkpoint) - {'state_dict'}:
            checkpoint[key] = to_plain(checkpoint[key], key)

    def after_load_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        """Rebuild the logged history, and drop config text, which mmengine would run."""
        checkpoint.get('meta', {}).pop('config', None)  # under a runner that is not ours
        if runner._resume:
            meta = checkpoint.get('meta', {})
            check_same_epochs(runner, meta)
            # mmengine restores the seed too late for a sampler that drew its own
            runner.train_dataloader.sampler.seed = meta['seed']
        scalars = checkpoint.get('message_hub', {}).get('log_scalars', {})
        for name, stored in scalars.items():
            if isinstance(stored, Mapping):
                history, counts = stored['history'].cpu(), stored['counts'].cpu()
                scalars[name] = HistoryBuffer(history.numpy(), counts.numpy(), stored['length'])

    def _save_checkpoint_with_step(self, runner: Runner, step: int, meta: dict) -> None:
        """Save, then point ``last_checkpoint`` to it, then remove what is too old."""
        expired = self._rotate(runner, step)
        name = self.filename_tmpl.format(step)
        self.last_ckpt = self.file_backend.join_path(self.out_dir, name)
        runner.message_hub.update_info('last_ckpt', self.last_ckpt)
        runner.save_checkpoint(
            self.out_dir,
            name,
            save_optimizer=self.save_optimizer,
            save_param_scheduler=self.save_param_scheduler,
            meta=meta,
            by_epoch=self.by_epoch,
            backend_args=self.backend_args,
            **self.args,
        )
        if is_main_process():
            pointer = Path(runner.work_dir, 'last_checkpoint')
            self.file_backend.put_text(self.last_ckpt, pointer)
            for path in {*expired, *self._stale(runner)}:
                if self.file_backend.isfile(path):
                    self.file_backend.remove(path)

    def save_iteration(self, runner: Runner) -> str:
        """Save the iteration that is ending, wherever in an epoch it is; return the path.

        The next regular save removes the file, as it counts as one before it.
        """
        step = runner.iter + 1
        path: str = self.file_backend.join_path(self.out_dir, STOPPED_NAME.format(step))
        runner.message_hub.update_info('last_ckpt', path)
        runner.save_checkpoint(
            self.out_dir,
            Path(path).name,
            save_optimizer=self.save_optimizer,
            save_param_scheduler=self.save_param_scheduler,
            meta=dict(epoch=runner.epoch, iter=step),
            by_epoch=False,
            backend_args=self.backend_args,
            **self.args,
        )
        if is_main_process():
            self.file_backend.put_text(path, Path(runner.work_dir, 'last_checkpoint'))
        return path

    def _stale(self, runner: Runner) -> list[str]:
        """Checkpoints of earlier iterations and epochs that a kill kept from being removed."""
        if self.max_keep_ckpts <= 0:
            return []
        kept = {self.filename_tmpl.format(step) for step in self.keep_ckpt_ids}
        found = []
        for path in sorted(Path(self.out_dir).glob('*.pth')):
            if (name := SAVED_NAME.fullmatch(path.name)) and path.name not in kept:
                now = runner.epoch + 1 if name['kind'] == 'epoch' else runner.iter + 1
                if int(name['step']) < now:
                    found.append(str(path))
        return found

    def _save_best_checkpoint(self, runner: Runner, metrics: dict) -> None:
        """Save the new best, then remove the old one; mmengine does it the other way round."""
        deferring = DeferringBackend()
        backend, self.file_backend = self.file_backend, deferring
        try:
            super()._save_best_checkpoint(runner, metrics)
        finally:
            self.file_backend = backend
        for path in deferring.outdated:
            backend.remove(path)

    def _rotate(self, runner: Runner, step: int) -> list[str]:
        """Note ``step`` as kept; return the paths that ``max_keep_ckpts`` no longer allows."""
        if self.max_keep_ckpts <= 0 or step in self.keep_ckpt_ids:
            return []
        kept = [*self.keep_ckpt_ids, step]
        expired = kept[: -self.max_keep_ckpts]
        self.keep_ckpt_ids = deque(kept[-self.max_keep_ckpts :], self.max_keep_ckpts)
        runner.message_hub.update_info('keep_ckpt_ids', list(self.keep_ckpt_ids))
        names = [self.filename_tmpl.format(old) for old in expired]
        return [self.file_backend.join_path(self.out_dir, name) for name in names]
