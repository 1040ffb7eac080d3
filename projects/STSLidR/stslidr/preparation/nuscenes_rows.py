"""Rows of nuScenes' tables, as far as info files need them; see nuScenes' schema."""

from __future__ import annotations

from collections.abc import Mapping

from typing_extensions import NotRequired, TypedDict

TEXTS: Mapping[str, tuple[str, ...]] = {
    'sensor': ('token', 'channel', 'modality'),
    'scene': ('token', 'name'),
    'sample': ('token', 'scene_token'),
    'sample_data': ('filename', 'calibrated_sensor_token', 'ego_pose_token'),
    'lidarseg': ('sample_data_token', 'filename'),
}
"""Columns of each table that are read and hold text."""
OTHERS: Mapping[str, tuple[str, ...]] = {
    'calibrated_sensor': ('rotation', 'translation', 'camera_intrinsic'),
    'ego_pose': ('rotation', 'translation'),
    'sample': ('timestamp',),
    'sample_data': ('timestamp',),
}
"""Columns that are read and hold something else."""


def wrong_column(table: str, row: Mapping[str, object]) -> str | None:
    """What a row lacks of what is read of its table, in words; None if nothing."""
    texts = TEXTS.get(table, ())
    absent = [column for column in (*texts, *OTHERS.get(table, ())) if column not in row]
    if absent:
        return f'has no {absent[0]}'
    other = [column for column in texts if not isinstance(row[column], str)]
    return f'has the {other[0]} {row[other[0]]!r}, which is no text' if other else None


class PoseRow(TypedDict):
    """Of `ego_pose`: from the vehicle's frame to the map's; or the pose of a sensor.

    Attributes:
        token: of the row.
        rotation: quaternion w, x, y, z.
        translation: in metres.
    """

    token: str
    rotation: list[float]
    translation: list[float]


class CalibratedSensorRow(PoseRow):
    """Of `calibrated_sensor`: from the sensor's frame to the vehicle's.

    Attributes:
        camera_intrinsic: (3, 3), [] for a LiDAR.
    """

    camera_intrinsic: list[list[float]]


class SceneRow(TypedDict):
    """Of `scene`."""

    token: str
    name: str


class SampleRow(TypedDict):
    """Of `sample`: a keyframe.

    Attributes:
        token: of the row.
        scene_token: of its scene.
        timestamp: in microseconds.
        data: channel -> token of its keyframe in `sample_data`; made by the devkit.
    """

    token: str
    scene_token: str
    timestamp: int
    data: dict[str, str]


class SampleDataRow(TypedDict):
    """Of `sample_data`: a sweep or an image.

    Attributes:
        token: of the row.
        calibrated_sensor_token: of its sensor.
        ego_pose_token: of the vehicle's pose at its time.
        channel: of its sensor; made by the devkit.
        filename: relative to the root.
        timestamp: in microseconds.
        height: of an image, in pixels.
        width: of an image, in pixels.
    """

    token: str
    calibrated_sensor_token: str
    ego_pose_token: str
    channel: str
    filename: str
    timestamp: int
    height: NotRequired[int | None]
    width: NotRequired[int | None]
