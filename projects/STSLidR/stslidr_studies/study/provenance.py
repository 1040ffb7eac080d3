"""Where a cell comes from: source, resolved config, data; and how two origins differ."""

from __future__ import annotations

import copy
import hashlib
import json
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from mmengine.config import Config

import stslidr
from stslidr.contracts.encoders import ImageWeights
from stslidr.errors import InputError, MissingFileError, UserError
from stslidr.files.hashing import hash_file, hash_settings
from stslidr.files.superpixel_manifest import MANIFEST
from stslidr.running.config_file import read_config_file
from stslidr.running.options import merge_options
from stslidr_studies.study.cells import Cell
from stslidr_studies.study.image_weights import describe_image_weights
from stslidr_studies.study.stored_cell import CellOrigin, CellSettings, FileHashes

SOURCE_FOLDERS = ('projects', 'configs', 'tools')
"""What a run follows from: uncommitted changes of other files are not looked at. A commit of any
file makes another source."""
LABEL_SPLITS = '*_label_splits.json'
"""What tools/create_data.py calls them, for each data set another name."""
EXPLAINED = {'config_sha256': 'settings'}
"""Hash -> what it is of, whose own differences say more."""
SHOWN = 4
LONGEST = 100


@dataclass(frozen=True)
class Source:
    """The code that runs.

    Args:
        commit: git's HEAD; None outside a git checkout.
        changes_sha256: of the uncommitted changes to tracked files in `SOURCE_FOLDERS`; None if
            there are none.
        version: of the package.
    """

    commit: str | None
    changes_sha256: str | None
    version: str

    @classmethod
    def of(cls, root: Path) -> Source:
        """State of the checkout in `root` (a folder that git does not track has no commit)."""
        tracked = _git(root, 'ls-files', '--error-unmatch', 'tools/train.py')
        commit = _git(root, 'rev-parse', 'HEAD') if tracked else None
        if commit is None:
            return cls(None, None, stslidr.__version__)
        changes = _git(root, 'diff', 'HEAD', '--binary', '--', *SOURCE_FOLDERS)
        digest = hashlib.sha256(changes).hexdigest() if changes else None
        return cls(commit.decode().strip(), digest, stslidr.__version__)


def _git(root: Path, *arguments: str) -> bytes | None:
    """What a git command prints, None if it fails or there is no git."""
    try:
        done = subprocess.run(['git', '-C', str(root), *arguments], capture_output=True)
    except FileNotFoundError:
        return None
    return done.stdout if done.returncode == 0 else None


@cache
def _read_config(path: str) -> Config:
    return read_config_file(path)


def resolve_config(cell: Cell) -> Config:
    """The config of a cell with all it inherits, its options and its seed.

    Raises:
        MissingFileError: the file, or one that it is based on, does not exist.
        InputError: the file is no config, or an option names nothing that is read.
    """
    try:
        config = copy.deepcopy(_read_config(cell.config))
        merge_options(config, {**cell.options, 'randomness.seed': cell.seed})
    except FileNotFoundError as error:
        raise MissingFileError(f'{cell.name}, config {cell.config}: {error}') from error
    except UserError as error:
        raise InputError(f'{cell.name}, config {cell.config}: {error}') from error
    return config


def expected_checkpoint(cell: Cell) -> str:
    """Name of the checkpoint that training a cell ends with, by its config."""
    loop = resolve_config(cell).train_cfg
    if 'max_epochs' in loop:
        return f'epoch_{loop.max_epochs}.pth'
    return f'iter_{loop.max_iters}.pth'


@cache
def _hash_data(path: str) -> str:
    try:
        return hash_file(path)
    except FileNotFoundError:
        raise MissingFileError(
            f'{path} does not exist: tools/create_data.py writes info files and label splits, '
            'tools/create_superpixels.py superpixels; another folder of data is given with '
            '--data-root'
        ) from None


@cache
def _hash_weights(weights: ImageWeights | None) -> str | None:
    """SHA-256 of the file that an image encoder reads; None where it is one of the package."""
    if weights is None or weights.file is None:
        return None
    try:
        return hash_file(weights.file)
    except FileNotFoundError:
        advice = 'model.image_encoder.checkpoint names it'
        if weights.source is not None:
            advice = (
                f'download {weights.published_name} from {weights.source}, '
                f'or name another place with model.image_encoder.checkpoint'
            )
        raise MissingFileError(f'{weights.file}, the image encoder, is missing: {advice}') from None


def _name_data(cell: Cell, config: Config, data_root: str) -> list[str]:
    """Files that say what a cell's data are: paths relative to the data's folder, or absolute.

    Info files and, as the config has them, the label splits beside one and the manifest of the
    superpixels.
    """
    training = config.train_dataloader.dataset
    names = [training.ann_file]
    if cell.is_task:
        names.append(config.test_dataloader.dataset.ann_file)
    if training.get('label_split') is not None:
        beside = Path(training.ann_file).parent
        found = [path.name for path in Path(data_root, beside).glob(LABEL_SPLITS)]
        names += [str(beside / name) for name in sorted(found) or [LABEL_SPLITS]]
    names += [
        str(Path(step.folder, MANIFEST))
        for step in training.get('pipeline', ())
        if step.type == 'LoadSuperpixels'
    ]
    return names


def describe_settings(cell: Cell) -> CellSettings:
    """The resolved config of a cell as JSON has it, and its hash.

    Raises:
        MissingFileError: as :func:`resolve_config`.
        InputError: as :func:`resolve_config`.
    """
    settings = json.loads(json.dumps(resolve_config(cell).to_dict(), default=str))
    return {'config_sha256': hash_settings(settings), 'settings': settings}


def describe_origin(cell: Cell, source: Source, data_root: str | None, gpus: int) -> CellOrigin:
    """What a cell's results follow from, but for its parent's weights, as JSON has it.

    Args:
        cell: the cell.
        source: the code.
        data_root: folder of the data; None leaves the data out.
        gpus: processes of a run.

    Raises:
        MissingFileError: such a file does not exist.
        InputError: as :func:`resolve_config`.
    """
    config = resolve_config(cell)
    return {
        'method': cell.method,
        'seed': cell.seed,
        'step': cell.step,
        'config': cell.config,
        'options': cell.stored_options,
        'gpus_per_run': gpus,
        'commit': source.commit,
        'changes_sha256': source.changes_sha256,
        'version': source.version,
        **_hash_files(cell, config, data_root),
        **describe_settings(cell),
    }


def _hash_files(cell: Cell, config: Config, data_root: str | None) -> FileHashes:
    if data_root is None:
        return {'data': {}}
    return {
        'data': {
            name: _hash_data(str(Path(data_root, name)))
            for name in _name_data(cell, config, data_root)
        },
        'image_weights_sha256': _hash_weights(describe_image_weights(config)),
    }


def differences(stored: Mapping[str, object], now: Mapping[str, object]) -> list[str]:
    """What two origins have otherwise, such as ``seed: 1 stored, 2 now``; an empty list if nothing.

    Args:
        stored: a cell's note; what only it has does not count.
        now: from :func:`describe_origin`. Without ``data``, files that are read are not compared.
    """
    found: list[str] = []
    for key, value in now.items():
        if key == 'data' and not value:
            continue
        if key in EXPLAINED and stored.get(EXPLAINED[key]) != now[EXPLAINED[key]]:
            continue
        found += _compare(key, stored.get(key), value)
    shown = found[:SHOWN]
    return shown + ([f'and {len(found) - SHOWN} more'] if len(found) > SHOWN else [])


def _compare(key: str, stored: object, now: object) -> Iterator[str]:
    """Differences of two values, taken apart where both are mappings or lists of one length."""
    if isinstance(stored, dict) and isinstance(now, dict):
        for name in {**stored, **now}:
            yield from _compare(f'{key}.{name}', stored.get(name), now.get(name))
    elif isinstance(stored, list) and isinstance(now, list) and len(stored) == len(now):
        for position, pair in enumerate(zip(stored, now, strict=True)):
            yield from _compare(f'{key}.{position}', *pair)
    elif stored != now:
        yield f'{key}: {_brief(stored)} stored, {_brief(now)} now'


def _brief(value: object) -> str:
    text = str(value)
    return text if len(text) <= LONGEST else f'{text[:LONGEST]}...'
