"""Result files: what was scored, with what, and how well, in JSON."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import cast

from mmengine.config import Config

from stslidr.checkpoints.checkpoint import Checkpoint
from stslidr.errors import InputError
from stslidr.evaluation.result_types import Origin, ScoreSettings, StoredResult
from stslidr.files.hashing import hash_settings
from stslidr.files.json_file import read_json, write_json

SAME = ('config_sha256', 'checkpoint_sha256', 'test_time_augmentation')
"""What two runs must have in common for their scores to stand in one result."""


def describe_run(config: Config, checkpoint: Checkpoint, tta: bool) -> Origin:
    """What a result says about its origin.

    Args:
        config: as it is run, all options merged.
        checkpoint: the weights.
        tta: whether test-time augmentation is on.

    Returns:
        ``config``, its file, and ``config_sha256``, of :func:`score_settings`; ``checkpoint`` and
        ``checkpoint_sha256``, of the file; ``label_split`` and ``label_split_sha256`` of the data
        that it was trained on, None where the checkpoint does not say;
        ``test_time_augmentation``; ``dataset``, its type or the record that it names; ``ann_file``.
    """
    split = checkpoint.label_split
    dataset = config.test_dataloader.dataset
    return {
        'config': str(config.filename),
        'config_sha256': hash_settings(score_settings(config, tta)),
        'checkpoint': str(checkpoint.path),
        'checkpoint_sha256': checkpoint.sha256,
        'label_split': split and split.name,
        'label_split_sha256': split and split.sha256,
        'test_time_augmentation': tta,
        'dataset': dataset.get('record', dataset.type),
        'ann_file': dataset.ann_file,
    }


def score_settings(config: Config, tta: bool) -> ScoreSettings:
    """The part of a config that scores follow from: model, test data, evaluator, test loop."""
    plain = config.to_dict()
    keys = ('model', 'test_cfg', 'test_evaluator', *(['tta_model'] if tta else []))
    loader = plain['test_dataloader']
    settings = {
        **{key: plain.get(key) for key in keys},
        'dataset': loader['dataset'],
        'batch_size': loader.get('batch_size', 1),
    }
    return cast('ScoreSettings', settings)


def write_result(path: str | Path, result: Mapping[str, object]) -> None:
    """Write a result atomically.

    Raises:
        ValueError: if it holds NaN or infinity, for which JSON has no word.
        FileAccessError: if the file cannot be written.
    """
    write_json(path, result)


def read_result(path: str | Path) -> StoredResult:
    """Read a result.

    Raises:
        MissingFileError: if there is no such file.
        FileAccessError: if it cannot be read.
        InputError: if it is no result of tools/test.py; names the file.
    """
    result = read_json(path)
    if not isinstance(result, dict) or not all(key in result for key in SAME):
        raise InputError(f'{path} is no result of tools/test.py')
    return cast('StoredResult', result)


def check_same_run(
    path: str | Path, stored: Mapping[str, object], now: Mapping[str, object]
) -> None:
    """Refuse to go on with a result of another run.

    Raises:
        InputError: if the two differ in one of `SAME`; names it with both values.
    """
    for key in SAME:
        if stored[key] != now[key]:
            raise InputError(
                f'{path} holds results with {key} {stored[key]}, this run has '
                f'{now[key]}: give another file with --json, or delete this one'
            )
