"""Which nuScenes scenes belong to which split."""

from __future__ import annotations

import re
from pathlib import Path

from nuscenes.nuscenes import NuScenes
from nuscenes.utils.splits import create_splits_scenes, get_scenes_of_custom_split

from stslidr.errors import InputError, MissingFileError
from stslidr.files.json_file import read_json

# The 100 train scenes on which SLidR and ST-SLidR chose their parameters, left out of pretraining.
VERIFYING = tuple(
    f'scene-{int(number):04d}'
    for number in """
    8 9 19 29 32 42 45 49 52 54 56 66 67 73 131 152 166 168 183 190 194 208 210 211 241 243 248
    259 260 261 287 292 297 305 306 350 352 358 361 365 368 377 388 391 395 413 427 428 438 444
    452 453 459 463 464 475 513 533 544 575 587 589 642 652 658 669 678 687 701 703 706 710 715
    726 735 740 758 786 790 804 806 847 856 868 882 897 899 976 996 1012 1015 1016 1018 1020
    1024 1044 1058 1094 1098 1107
    """.split()
)


def published_splits(version: str) -> dict[str, list[str]]:
    """Splits of a version that nuTonomy published, as split name -> scene names.

    v1.0-trainval: train (700), val (150), pretrain (train without `VERIFYING`, 600) and verifying;
    v1.0-mini: train (8), val (2), pretrain (all of train); v1.0-test: test (150).
    Any other version has none.
    """
    devkit = create_splits_scenes()
    if version == 'v1.0-trainval':
        pretrain = [scene for scene in devkit['train'] if scene not in VERIFYING]
        return {
            'train': devkit['train'],
            'val': devkit['val'],
            'pretrain': pretrain,
            'verifying': list(VERIFYING),
        }
    if version == 'v1.0-mini':
        train = devkit['mini_train']
        return {'train': train, 'val': devkit['mini_val'], 'pretrain': train}
    if version == 'v1.0-test':
        return {'test': devkit['test']}
    return {}


def scene_splits(tables: NuScenes) -> dict[str, list[str]]:
    """Splits of a version folder: the published ones and those of its `splits.json`.

    `splits.json` is the devkit's format for custom splits, a dict of split name -> list of scene
    names in the version folder. A version that nuTonomy did not publish needs it. Where it has
    `train` but no `pretrain`, all of `train` plays `pretrain`, as in v1.0-mini.

    Args:
        tables: the devkit's database; only its `dataroot` and `version` are used.

    Raises:
        MissingFileError: if a version that nuTonomy did not publish has no `splits.json`.
        InputError: if `splits.json` is damaged or renames a published split.
    """
    published = published_splits(tables.version)
    file = Path(tables.dataroot, tables.version, 'splits.json')
    if not file.is_file():
        if not published:
            raise MissingFileError(
                f'{file} does not exist: {tables.version} is not among v1.0-trainval, v1.0-mini '
                f"and v1.0-test, so its splits must be stated there, in the devkit's format "
                f'{{"train": ["scene-0001", ...], ...}}'
            )
        return published
    custom = {name: get_scenes_of_custom_split(name, tables) for name in _split_names(file)}
    if published:
        taken = sorted(published.keys() & custom.keys())
        if taken:
            raise InputError(
                f'{file} defines {", ".join(taken)}, which {tables.version} has already: give '
                f'them other names, or the version folder'
            )
        return {**published, **custom}
    if 'train' in custom:
        custom.setdefault('pretrain', custom['train'])
    return custom


def _split_names(file: Path) -> list[str]:
    """Names of the splits in a `splits.json`, whose form is checked here.

    Raises:
        InputError: if the file is no dict of split name -> list of scene names, or a name cannot
            be part of a file name.
    """
    splits = read_json(file)
    if not isinstance(splits, dict) or not splits:
        raise InputError(f'{file} must be a dict of split name -> list of scene names')
    for name, scenes in splits.items():
        if not re.fullmatch(r'\w[\w.-]*', name):
            raise InputError(
                f'{file}: the split {name!r} cannot be part of a file name; use '
                f'letters, digits, _, - and .'
            )
        if not isinstance(scenes, list) or not all(isinstance(scene, str) for scene in scenes):
            raise InputError(f'{file}: the split {name!r} must be a list of scene names')
    return list(splits)
