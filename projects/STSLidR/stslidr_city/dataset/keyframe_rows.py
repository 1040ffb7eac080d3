"""What a keyframe adds to the tables, kept on disk from when it is made to when all are."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stslidr.files.atomic import write_bytes
from stslidr.files.json_file import read_json
from stslidr_city.dataset.layout import KeyframeKey, scene_name, scene_start
from stslidr_city.dataset.poses import heading_quaternion, pose_fields

if TYPE_CHECKING:
    from stslidr_city.recording.boxes import AnnotatedBox
    from stslidr_city.recording.keyframe import KeyframeData

FOLDER = '.keyframes'
"""Where the rows lie under the root while it is unfinished."""


@dataclass(frozen=True)
class KeyframeRows:
    """One keyframe in the tables.

    Args:
        description: of its scene.
        timestamps: microseconds since 1970, by channel.
        ego_poses: `translation` and `rotation` of ego2global, by channel.
        boxes: of each annotated object, in the fields of `sample_annotation`, with `instance`
            (its number), `category` (index), `visibility` (0 to 1) and `attribute` (name or '').
        files: size in bytes of each of its files, by path under the root.
    """

    description: str
    timestamps: dict[str, int]
    ego_poses: dict[str, dict[str, list[float]]]
    boxes: list[dict[str, Any]]
    files: dict[str, int]

    @classmethod
    def of(
        cls, scene: int, description: str, data: KeyframeData, files: dict[str, int]
    ) -> KeyframeRows:
        """The rows of a keyframe of a scene whose files are written."""
        return cls(
            description=description,
            timestamps=absolute_times(scene, data),
            ego_poses={channel: pose_fields(pose) for channel, pose in data.ego_poses.items()},
            boxes=[_box_fields(box) for box in data.boxes],
            files=files,
        )

    def write(self, root: Path, key: KeyframeKey) -> None:
        """Write the rows; raises OSError, naming it, if it cannot be written."""
        write_bytes(_path(root, key), json.dumps(asdict(self)).encode())


def read_rows(root: Path, key: KeyframeKey) -> KeyframeRows | None:
    """Read a keyframe's rows, None if there is none that can be read."""
    try:
        return KeyframeRows(**read_json(_path(root, key)))
    except (FileNotFoundError, ValueError, TypeError):
        return None


def have_rows(root: Path, scene: int) -> bool:
    """Whether any keyframe of a scene has rows."""
    return _path(root, KeyframeKey(scene, 0)).parent.is_dir()


def are_there(root: Path, files: dict[str, int]) -> bool:
    """Whether all files (path under the root -> bytes) exist and have their sizes."""
    try:
        return all((root / file).stat().st_size == size for file, size in files.items())
    except (FileNotFoundError, NotADirectoryError):
        return False


def absolute_times(scene: int, data: KeyframeData) -> dict[str, int]:
    """Time stamps of a keyframe in microseconds since 1970, by channel."""
    return {channel: scene_start(scene) + time for channel, time in data.timestamps.items()}


def _path(root: Path, key: KeyframeKey) -> Path:
    return root / FOLDER / scene_name(key.scene) / f'{key.index:04d}.json'


def _box_fields(box: AnnotatedBox) -> dict[str, Any]:
    """An annotated box with plain numbers."""
    return {
        'instance': int(box.instance),
        'category': int(box.category),
        'translation': [float(value) for value in box.center],
        'size': [float(value) for value in box.size],
        'rotation': heading_quaternion(float(box.yaw)),
        'num_lidar_pts': int(box.num_lidar_pts),
        'visibility': float(box.visibility),
        'attribute': box.attribute,
    }
