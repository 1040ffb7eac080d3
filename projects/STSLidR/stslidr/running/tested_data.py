"""The test set of a config."""

from __future__ import annotations

from mmengine.config import Config

from stslidr.checkpoints.checkpoint import Checkpoint
from stslidr.core.voxels import VoxelGrid
from stslidr.datasets.labelled_datasets import record_of
from stslidr.datasets.transforms.voxelization import configured_grids
from stslidr.errors import InputError


def check_test_set(config: Config) -> None:
    """Refuse a config without a test set.

    Raises:
        InputError: there is nothing to test on.
    """
    if not config.get('test_dataloader'):
        raise InputError(f'{config.filename} has no test_dataloader: there is nothing to test on')


def check_trained_for(config: Config, checkpoint: Checkpoint) -> None:
    """Refuse a checkpoint of other voxels or classes than those of the test set.

    Raises:
        InputError: names what differs; the config has no test set.
    """
    checkpoint.check_voxels(tested_grids(config))
    record = record_of(config.test_dataloader.dataset)
    if record is not None:
        checkpoint.check_classes(record.classes)


def tested_grids(config: Config) -> list[VoxelGrid]:
    """The voxels that the pipeline of a config's test set makes.

    Raises:
        InputError: the config has no test set, or a grid is none.
    """
    check_test_set(config)
    return list(configured_grids(config.test_dataloader.dataset.pipeline))
