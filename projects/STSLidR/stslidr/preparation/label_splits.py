"""Which scenes or frames stand for 1 %, 5 %, ... of the labels: the published rules.

nuScenes: of the scenes of the split in the order of `scene.json`, counted from 1, the k-th, 2k-th,
... . SemanticKITTI: of the sorted paths of all scans of the split, the first and every k-th after
it, running on from one sequence to the next. k is 100 for 1 %, and so on (`FRACTIONS`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from stslidr.files.label_split_file import FRACTIONS, write_label_splits

TRAINED_ON = re.compile(r'(.*[_.-])?train')
"""Names of splits that get label splits: `train`, and custom ones such as `synthetic_train`."""


def by_scene(scenes: Sequence[str]) -> dict[str, list[str]]:
    """Label split -> scene names: the k-th, 2k-th, ... of `scenes`, which may be none."""
    return {name: list(scenes[step - 1 :: step]) for name, step in FRACTIONS.items()}


def by_frame(frames: Iterable[str]) -> dict[str, list[str]]:
    """Label split -> paths of frames: the first of all, sorted, and every k-th after it."""
    ordered = sorted(frames)
    return {name: ordered[::step] for name, step in FRACTIONS.items()}


def write_scene_label_splits(
    path: str | Path, version: str, scene_table: Sequence[str], splits: Mapping[str, Sequence[str]]
) -> list[str]:
    """Write the label splits of a nuScenes version, if it has a scene to train on.

    Args:
        path: the JSON file.
        version: name of the version folder.
        scene_table: scene names in the order of `scene.json`.
        splits: split -> its scene names, in any order; those that `TRAINED_ON` matches get label
            splits.

    Returns:
        What was done, one line for each of these splits.
    """
    found = {}
    for split, members in splits.items():
        scenes = [scene for scene in scene_table if scene in set(members)]
        if scenes and TRAINED_ON.fullmatch(split):
            found[split] = by_scene(scenes)
    about = {
        'dataset': 'nuscenes',
        'version': version,
        'rule': 'every k-th scene of the split, counted from 1, in the order of scene.json',
    }
    return _write(path, about, found, 'scenes')


def write_frame_label_splits(path: str | Path, frames: Iterable[str]) -> list[str]:
    """Write the label splits of SemanticKITTI's `train`, if there is any frame.

    Args:
        path: the JSON file.
        frames: paths of the scans of sequences 00 to 07, 09 and 10 as the info file has them.

    Returns:
        What was done, in one line.
    """
    label_splits = by_frame(frames)
    about = {
        'dataset': 'semantickitti',
        'rule': 'every k-th frame, from the first on, of the sorted paths of all sequences',
    }
    return _write(path, about, {'train': label_splits} if label_splits['100pct'] else {}, 'frames')


def _write(
    path: str | Path,
    about: Mapping[str, str],
    splits: Mapping[str, Mapping[str, list[str]]],
    unit: str,
) -> list[str]:
    """Write the file unless there is no split; one line for each split."""
    if splits:
        write_label_splits(path, about, unit, splits)
    return [
        f'label splits of {split} ({unit}): {_count(label_splits)} -> {path}'
        for split, label_splits in splits.items()
    ]


def _count(label_splits: Mapping[str, list[str]]) -> str:
    return ', '.join(f'{name} {len(names) or "empty"}' for name, names in label_splits.items())
