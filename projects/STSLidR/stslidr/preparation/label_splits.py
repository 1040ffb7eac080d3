"""Which scenes or frames stand for 1 %, 5 %, ... of the labels: the published rules.

nuScenes: of the scenes of the split in the order of `scene.json`, counted from 1, the k-th, 2k-th,
... . SemanticKITTI: of the sorted paths of all sweeps of the split, the first and every k-th after
it, running on from one sequence to the next. k is 100 for 1 %, and so on (`FRACTIONS`). A
`SplitRule` holds such a rule; a further data set takes one of these two, or brings its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from stslidr.files.info_entries import InfoEntry
from stslidr.files.label_split_file import FRACTIONS, write_label_splits

TRAINED_ON = re.compile(r'(.*[_.-])?train')
"""Names of splits that get label splits: `train`, and custom ones such as `synthetic_train`."""


@dataclass(frozen=True)
class SplitRule:
    """How 1 %, 5 %, ... of the labels are chosen, and what they are counted by.

    Args:
        unit: what is counted, such as 'scenes' or 'frames'.
        words: the rule in words, for the file of label splits.
        name_of: a sample's entry in an info file -> the name that label splits have it under. Many
            samples may share one, as those of a scene do.
        take: (names of the split, each once; k) -> those that stand for 1 in k of them.
    """

    unit: str
    words: str
    name_of: Callable[[InfoEntry], str]
    take: Callable[[Sequence[str], int], Sequence[str]]

    def label_splits(self, names: Iterable[str]) -> dict[str, list[str]]:
        """Label split, as in `FRACTIONS` -> its names, which may be none."""
        each_once = list(dict.fromkeys(names))
        return {name: list(self.take(each_once, step)) for name, step in FRACTIONS.items()}


def scene_of(sample: InfoEntry) -> str:
    """The name of a sample's scene, as nuScenes' info files state it."""
    return sample.text('scene_name')


def sweep_of(sample: InfoEntry) -> str:
    """The path of a sample's sweep, as the info file has it."""
    return sample.child('lidar_points').text('lidar_path')


def every_kth(names: Sequence[str], k: int) -> Sequence[str]:
    """The k-th, 2k-th, ... name, counted from 1, in the order in which they come."""
    return names[k - 1 :: k]


def first_and_every_kth(names: Sequence[str], k: int) -> Sequence[str]:
    """The first of the sorted names, and every k-th after it."""
    return sorted(names)[::k]


BY_SCENE = SplitRule(
    'scenes',
    'every k-th scene of the split, counted from 1, in the order of scene.json',
    scene_of,
    every_kth,
)
BY_FRAME = SplitRule(
    'frames',
    'every k-th frame, from the first on, of the sorted paths of all sequences',
    sweep_of,
    first_and_every_kth,
)


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
    named = {
        split: [scene for scene in scene_table if scene in set(members)]
        for split, members in splits.items()
    }
    return write_label_splits_by(BY_SCENE, path, {'dataset': 'nuscenes', 'version': version}, named)


def write_frame_label_splits(path: str | Path, frames: Iterable[str]) -> list[str]:
    """Write the label splits of SemanticKITTI's `train`, if there is any frame.

    Args:
        path: the JSON file.
        frames: paths of the sweeps of sequences 00 to 07, 09 and 10 as the info file has them.

    Returns:
        What was done, in one line.
    """
    return write_label_splits_by(
        BY_FRAME, path, {'dataset': 'semantickitti'}, {'train': list(frames)}
    )


def write_label_splits_by(
    rule: SplitRule, path: str | Path, about: Mapping[str, str], splits: Mapping[str, Sequence[str]]
) -> list[str]:
    """Write the label splits of those splits that `TRAINED_ON` matches, if one has any name.

    Args:
        rule: how they are chosen.
        path: the JSON file.
        about: what heads it: data set and version.
        splits: split -> its names by `rule`, in the data set's order.

    Returns:
        What was done, one line for each split that has label splits.
    """
    found = {
        split: rule.label_splits(names)
        for split, names in splits.items()
        if names and TRAINED_ON.fullmatch(split)
    }
    if found:
        write_label_splits(path, {**about, 'rule': rule.words}, rule.unit, found)
    return [
        f'label splits of {split} ({rule.unit}): {_count(label_splits)} -> {path}'
        for split, label_splits in found.items()
    ]


def _count(label_splits: Mapping[str, list[str]]) -> str:
    return ', '.join(f'{name} {len(names) or "empty"}' for name, names in label_splits.items())
