"""mmengine's runner: one reader of checkpoints, a user's mistakes told from faults."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from mmengine.config import Config
from mmengine.dist import is_main_process
from mmengine.hooks import CheckpointHook, Hook
from mmengine.logging import MMLogger
from mmengine.model import is_model_wrapper
from mmengine.runner import Runner
from mmengine.runner.checkpoint import _load_checkpoint_to_model
from torch import nn
from torch.utils.data import DataLoader

from stslidr.checkpoints.checkpoint import Checkpoint
from stslidr.datasets.seeded_access import seeded_datasets
from stslidr.datasets.transforms.voxelization import VoxelizeSweep
from stslidr.errors import InputError
from stslidr.files.folder_lock import hold_folder
from stslidr.running.did_you_mean import did_you_mean
from stslidr.running.loaded_weights import check_fit
from stslidr.running.loader_workers import end_workers
from stslidr.running.loss_watch import LossWatchHook
from stslidr.running.lost_ranks import ends_with_the_others
from stslidr.running.missed_validation import MissedValidationHook
from stslidr.running.other_processes import adapt_to_processes
from stslidr.running.printed_config import PrintedConfig
from stslidr.running.refused_builds import refusals_as_mistakes
from stslidr.running.resuming import check_counts
from stslidr.running.safe_loading import refuse_addresses
from stslidr.running.same_run import check_same_run
from stslidr.running.short_console import FILE_ONLY, MISMATCH, keep_off_console
from stslidr.running.skipped_samples import SkippedSamplesHook
from stslidr.running.stopping import StopHook
from stslidr.segmentation.transfer_hook import TransferHook


def _checked(method: str, section: str) -> Callable:
    """A method of mmengine in which a component that refuses its arguments is a user's mistake."""
    build = getattr(Runner, method)

    @functools.wraps(build)
    def checked(runner: Runner, *args: Any, **kwargs: Any) -> Any:
        with refusals_as_mistakes(section, runner.cfg._cfg_dict):
            return build(runner, *args, **kwargs)

    return checked


def check_checkpoint_hooks(hooks: list[Hook]) -> None:
    """Refuse hooks that would fail, or get into each other's way, only when they save.

    Raises:
        InputError: two hooks write checkpoints, or one has an argument that nothing reads.
    """
    saving = [hook for hook in hooks if isinstance(hook, CheckpointHook)]
    if len(saving) > 1:
        names = ' and '.join(type(hook).__name__ for hook in saving)
        raise InputError(
            f'{names} would both write checkpoints and last_checkpoint: leave one, '
            'default_hooks.checkpoint'
        )
    read = inspect.signature(Runner.save_checkpoint).parameters
    for hook in saving:
        if unread := sorted(set(hook.args) - set(read)):
            raise InputError(
                f'{type(hook).__name__} takes no {unread[0]!r}'
                f'{did_you_mean(unread[0], inspect.signature(CheckpointHook).parameters)}'
            )


class CheckedRunner(Runner):
    """mmengine's ``Runner`` that loads a :class:`Checkpoint`: read once, nothing in it runs.

    What a component refuses when it is built from the config is an ``InputError``.
    """

    build_model = _checked('build_model', 'model')
    wrap_model = _checked('wrap_model', 'model_wrapper_cfg')
    build_optim_wrapper = _checked('build_optim_wrapper', 'optim_wrapper')
    build_param_scheduler = _checked('build_param_scheduler', 'param_scheduler')
    build_train_loop = _checked('build_train_loop', 'train_cfg and train_dataloader')
    build_val_loop = _checked('build_val_loop', 'val_cfg, val_dataloader and val_evaluator')
    build_test_loop = _checked('build_test_loop', 'test_cfg, test_dataloader and test_evaluator')
    build_log_processor = _checked('build_log_processor', 'log_processor')
    build_visualizer = _checked('build_visualizer', 'visualizer')
    register_default_hooks = _checked('register_default_hooks', 'default_hooks')
    register_custom_hooks = _checked('register_custom_hooks', 'custom_hooks')

    _start: Checkpoint | None = None

    @classmethod
    def from_cfg(cls, cfg: Config) -> CheckedRunner:
        """A runner for a config, which stays as it is."""
        return super().from_cfg(PrintedConfig.of(cfg))

    def register_hooks(
        self,
        default_hooks: dict[str, Hook | dict] | None = None,
        custom_hooks: list[Hook | dict] | None = None,
    ) -> None:
        """The hooks of the config, and those that watch over a training.

        Raises:
            InputError: two hooks write checkpoints, or one has an argument that nothing reads.
        """
        super().register_hooks(default_hooks, custom_hooks)
        check_checkpoint_hooks(self.hooks)
        for kind in (SkippedSamplesHook, LossWatchHook, StopHook, MissedValidationHook):
            if not any(isinstance(hook, kind) for hook in self.hooks):
                self.register_hook(kind())

    @staticmethod
    def build_dataloader(
        dataloader: DataLoader | dict, seed: int | None = None, diff_rank_seed: bool = False
    ) -> DataLoader:
        """The loader of mmengine; its voxels know how many sweeps make a batch."""
        loader = Runner.build_dataloader(dataloader, seed, diff_rank_seed)
        for dataset in seeded_datasets(loader.dataset):
            for transform in dataset.pipeline.transforms:
                if isinstance(transform, VoxelizeSweep):
                    transform.batch_size = loader.batch_size or 1
        return loader

    def build_logger(
        self, log_level: int | str = 'INFO', log_file: str | None = None, **kwargs: Any
    ) -> MMLogger:
        """The logger of mmengine; what it says at every start goes to the log file alone."""
        logger = super().build_logger(log_level, log_file, **kwargs)
        keep_off_console(logger, *FILE_ONLY)
        return logger

    def _log_env(self, env_cfg: dict) -> None:
        """Name the machine in a line, and the file that has the rest."""
        super()._log_env(env_cfg)
        device = torch.cuda.get_device_name() if torch.cuda.is_available() else 'CPU'
        self.logger.info(
            f'{self._experiment_name}: PyTorch {torch.__version__}, {device}, '
            f'processes: {self._world_size}, seed {self._seed}. '
            f'Environment, config and hooks: {Path(self._log_dir, f"{self.timestamp}.log")}'
        )

    def train(self) -> nn.Module:
        """Train; one run at a time in a work dir.

        Raises:
            InputError: another run is at work there.
            StoppedError: a signal has ended it.
            LostRankError: another process of the run has ended, or hangs.
        """
        if not is_main_process():
            return self._train()
        with hold_folder(Path(self.work_dir), 'work dir'):
            return self._train()

    def _train(self) -> nn.Module:
        try:
            with ends_with_the_others():
                return super().train()
        finally:
            for hook in self.hooks:
                if isinstance(hook, StopHook):
                    hook.release()
            end_workers((self._train_loop, self._val_loop))

    def call_hook(self, fn_name: str, **kwargs: Any) -> None:
        """Call this method of all hooks.

        Raises:
            InputError: a hook passes an argument of its config on, and what it builds at the start
                does not have it.
        """
        try:
            super().call_hook(fn_name, **kwargs)
        except TypeError as error:
            if fn_name != 'before_run' or 'unexpected keyword argument' not in str(error):
                raise
            raise InputError(f'default_hooks or custom_hooks: {error}') from error

    def val(self) -> dict:
        """Validate; errors as `train` has them."""
        try:
            with ends_with_the_others():
                return super().val()
        finally:
            end_workers((self._val_loop,))

    def test(self) -> dict:
        """Test; errors as `train` has them."""
        try:
            with ends_with_the_others():
                return super().test()
        finally:
            end_workers((self._test_loop,))

    def start_from(self, checkpoint: Checkpoint | None) -> None:
        """Keep what was read already for :meth:`load_checkpoint`."""
        self._start = checkpoint

    def load_checkpoint(
        self,
        filename: str,
        map_location: str | Callable = 'cpu',
        strict: bool = False,
        revise_keys: list = [(r'^module.', '')],  # noqa: B006  (mmengine's own default)
    ) -> dict[str, Any]:
        """Load the weights of a file; returns its content, as mmengine's own method does.

        Raises:
            MissingFileError: there is no such file.
            InputError: it is an address, damaged, or holds more than plain data; none of it fits
                the model, or, to resume, not all; the run that it is of is another one.
        """
        refuse_addresses(filename)
        start, self._start = self._start, None
        if start is None or start.path != Path(filename):
            start = Checkpoint.read(filename)
        model = self.model.module if is_model_wrapper(self.model) else self.model
        check_fit(start, model, resumed=self._resume)
        content = start.copy_content()
        if self._resume:
            check_counts(start.meta, str(start.path))
            adapt_to_processes(self, content)
        self.call_hook('after_load_checkpoint', checkpoint=content)
        if self._resume:
            check_same_run(self, content, str(start.path))
        if any(isinstance(hook, TransferHook) and hook.has_summary for hook in self.hooks):
            keep_off_console(self.logger, MISMATCH)
        content = _load_checkpoint_to_model(model, content, strict, self.logger, revise_keys)
        self._has_loaded = True
        self.logger.info(f'Load checkpoint from {filename}')
        return content
