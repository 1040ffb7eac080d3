"""The hook that watches over the weights that a segmentor starts from."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path

from mmengine.dist import is_main_process
from mmengine.hooks import Hook
from mmengine.logging import print_log
from mmengine.model import is_model_wrapper
from mmengine.runner import BaseLoop, Runner
from torch import Tensor, nn

from stslidr.checkpoints.checkpoint import Checkpoint
from stslidr.core.voxels import VoxelGrid
from stslidr.files.atomic import write_bytes
from stslidr.segmentation.transfer import Transfer, check_loaded, plan_transfer

LISTING = 'transfer.txt'


class TransferHook(Hook):
    """Say what of ``load_from`` is loaded, dropped and left out; refuse it if the backbone is not.

    The log gets a summary, ``transfer.txt`` in the work dir every name. Training without
    ``load_from`` gets a warning: a config with this hook is meant for a pretrained backbone. A
    resumed run, which loads everything, and one that only tests pass.
    """

    def __init__(self) -> None:
        self._pending: tuple[Mapping[str, Tensor], Transfer] | None = None

    @property
    def has_summary(self) -> bool:
        """Whether it has said what of the checkpoint is loaded now."""
        return self._pending is not None

    def after_load_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        """Compare the checkpoint with the model, before mmengine loads it.

        Raises:
            InputError: if a tensor of the backbone does not fit, or the backbone was trained on
                another kind or size of voxel.
        """
        if runner._resume or not isinstance(runner._train_loop, BaseLoop):
            return  # a loop that is not to run has not been built
        source = Checkpoint(Path(runner._load_from), checkpoint)
        _check_voxels(runner, source)
        weights = source.weights
        transfer = plan_transfer(_bare(runner.model), weights, str(source.path))
        print_log(
            f'{transfer.describe()}\nevery name: {Path(runner.work_dir, LISTING)}', logger='current'
        )
        if is_main_process():
            write_bytes(Path(runner.work_dir, LISTING), transfer.listing().encode())
        self._pending = weights, transfer

    def before_train(self, runner: Runner) -> None:
        """Check that the weights arrived.

        Raises:
            InputError: if a tensor differs from the checkpoint's.
        """
        if self._pending is not None:
            check_loaded(_bare(runner.model), *self._pending)
            self._pending = None
        elif not runner._resume:
            print_log(
                'the backbone starts from random weights: give a pretraining checkpoint with '
                '--cfg-options load_from=CHECKPOINT',
                logger='current',
                level=logging.WARNING,
            )


def _check_voxels(runner: Runner, checkpoint: Checkpoint) -> None:
    """Compare the voxels of the training data with those that the checkpoint states."""
    own = runner.train_dataloader.dataset.metainfo.get('voxel_grid')
    checkpoint.check_voxels([None if own is None else VoxelGrid(**own)])
    if checkpoint.voxel_grid is None:
        print_log(
            f'{checkpoint.path} does not say what voxels it was trained on, '
            'so they could not be compared',
            logger='current',
            level=logging.WARNING,
        )


def _bare(model: nn.Module) -> nn.Module:
    inner = model.module if is_model_wrapper(model) else model
    assert isinstance(inner, nn.Module)
    return inner
