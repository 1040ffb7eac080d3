"""Which checkpoint a run goes on from, and whether it can."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mmengine.logging import print_log
from mmengine.runner import Runner

from stslidr.checkpoints.checkpoint import Checkpoint
from stslidr.errors import InputError, MissingFileError

RESUME_KEYS = ('epoch', 'iter', 'seed')
COUNTS = (*RESUME_KEYS, 'batches_per_epoch', 'unapplied_batches', 'processes', 'samples_seen')
"""What the meta data of a checkpoint count, if they have it."""
SAVED_NAME = re.compile(r'(?P<kind>epoch|iter)_(?P<step>\d+)\.pth')
"""What runs call their checkpoints."""


def newest_checkpoint(work_dir: str) -> str | None:
    """Return the checkpoint that ``work_dir/last_checkpoint`` names; None, with a warning, if none.

    The file holds the path at the time of writing. A checkpoint of that name in ``work_dir`` comes
    first, since the folder may have been moved or copied.

    Raises:
        MissingFileError: the checkpoint that it names is in neither place.
    """
    pointer = Path(work_dir, 'last_checkpoint')
    if not pointer.is_file():
        print_log(
            f'nothing to resume in {work_dir} (no last_checkpoint): the run starts anew',
            logger='current',
            level=logging.WARNING,
        )
        return None
    recorded = Path(pointer.read_text(errors='replace').strip())
    for path in (Path(work_dir, recorded.name), recorded):
        if path.is_file():
            return str(path)
    raise MissingFileError(
        f'{pointer} names {recorded}, which is neither there nor in {work_dir}: give the '
        'checkpoint with --resume CHECKPOINT, or delete last_checkpoint to start anew'
    )


def find_resumable(work_dir: str) -> str | None:
    """Return the checkpoint to go on from: the newest in ``work_dir`` that is whole.

    It is the one that ``last_checkpoint`` names, as :func:`newest_checkpoint` says. Where that one
    is damaged, or the file ``last_checkpoint`` is gone, it is the newest of the others; the log
    says so.

    Raises:
        InputError: there are checkpoints and each is damaged; says what is wrong with the newest.
        MissingFileError: what ``last_checkpoint`` names is gone, and there is no other.
    """
    others = [str(path) for path in _by_age(work_dir)]
    if not Path(work_dir, 'last_checkpoint').is_file() and others:
        _warn(f'{work_dir} has checkpoints and no last_checkpoint: the newest is taken')
        candidates = others
    else:
        try:
            newest = newest_checkpoint(work_dir)
        except MissingFileError as error:
            if not others:
                raise
            _warn(str(error))
            newest = None
        if newest is None and not others:
            return None
        first = [] if newest is None else [newest]
        candidates = first + [path for path in others if path != newest]
    faults = []
    for path in candidates:
        try:
            Checkpoint.read(path)
        except InputError as error:
            faults.append(str(error))
            continue
        if faults:
            _warn(f'{faults[0]}: the run goes on from an older checkpoint, {path}')
        return path
    raise InputError(f'{faults[0]}; no older checkpoint in {work_dir} is whole')


def _by_age(work_dir: str) -> list[Path]:
    """The checkpoints that a run saved in its work dir, the newest first."""
    found = [path for path in Path(work_dir).glob('*.pth') if SAVED_NAME.fullmatch(path.name)]
    return sorted(found, key=lambda path: path.stat().st_mtime_ns, reverse=True)


def _warn(text: str) -> None:
    print_log(text, logger='current', level=logging.WARNING)


def check_counts(meta: Mapping[str, Any], path: str) -> None:
    """Refuse meta data of a run that count in other things than whole numbers.

    Raises:
        InputError: names the first that is none.
    """
    for name in COUNTS:
        value = meta.get(name)
        if value is not None and (
            isinstance(value, bool) or not isinstance(value, int) or value < 0
        ):
            raise InputError(f'cannot resume {path}: its {name} is {value!r}, no number of them')


def check_same_epochs(runner: Runner, meta: dict) -> None:
    """Refuse to resume what was no whole run, or had epochs of another length.

    Raises:
        InputError: the checkpoint holds weights alone, or another dataset, batch size or number of
            processes would shift the batches.
    """
    missing = [key for key in RESUME_KEYS if key not in meta]
    if missing:
        raise InputError(
            f'cannot resume: the checkpoint has no {", ".join(missing)}, so it holds weights and '
            'no run; start from them with --cfg-options load_from=CHECKPOINT'
        )
    then, now = meta.get('batches_per_epoch'), len(runner.train_dataloader)
    if then is not None and then != now:
        raise InputError(
            f'cannot resume: the checkpoint was made with {then} batches an epoch and there are '
            f'{now} now. Use the dataset, batch size and number of processes of that run, or start '
            'anew from its weights with --cfg-options load_from=CHECKPOINT'
        )
    if meta.get('unapplied_batches'):
        print_log(
            f'the gradients of {meta["unapplied_batches"]} batches, accumulated but not applied '
            'when the checkpoint was written, are lost: save at multiples of '
            'optim_wrapper.accumulative_counts to resume exactly',
            logger='current',
            level=logging.WARNING,
        )
