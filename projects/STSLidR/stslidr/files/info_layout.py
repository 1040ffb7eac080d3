"""What stands in an info file: MMDetection3D's v1.1 layout as types.

`InfoFile` is what is written here. What is read may come from anyone's script, so its values have
no types until :mod:`stslidr.files.info_entries` has checked them: `ReadInfos`.
"""

from __future__ import annotations

from typing import Final

from typing_extensions import NotRequired, TypedDict

INFO_VERSION: Final = '1.1'
"""The version of the layout, as `metainfo` states it."""

Matrix = list[list[float]]
"""Rows of a matrix; metres, or pixels for `cam2img`."""


class InfoHead(TypedDict):
    """`metainfo`: about the data set.

    Attributes:
        dataset: name of the data set's record.
        split: what the file holds of it.
        info_version: `INFO_VERSION`.
        version: of the data set.
        DATASET: the data set as MMDetection3D names it.
        folders: sensor -> where its files lie below the root, if elsewhere than usual.
    """

    dataset: str
    split: str
    info_version: str
    version: NotRequired[str]
    DATASET: NotRequired[str]
    folders: NotRequired[dict[str, str]]


class LidarInfo(TypedDict):
    """`lidar_points`: a sweep.

    Attributes:
        lidar_path: its file, below the data set's folder of sweeps.
        num_pts_feats: float32 columns of a point.
        num_points: how many there are.
        lidar2ego: (4, 4), from the LiDAR's frame to the vehicle's.
        sample_data_token: of the sweep.
    """

    lidar_path: str
    num_pts_feats: NotRequired[int]
    num_points: NotRequired[int]
    lidar2ego: NotRequired[Matrix]
    sample_data_token: NotRequired[str]


class CameraInfo(TypedDict):
    """`images[camera]`: an image and its camera.

    Attributes:
        img_path: its file, below the camera's folder.
        cam2img: (3, 3), intrinsics.
        lidar2cam: (4, 4), from the LiDAR's frame at its time to the camera's at its time.
        cam2ego: (4, 4), from the camera's frame to the vehicle's.
        sample_data_token: of the image.
        timestamp: in seconds.
        height: of the image, in pixels.
        width: of the image, in pixels.
    """

    img_path: str
    cam2img: Matrix
    lidar2cam: Matrix
    cam2ego: NotRequired[Matrix]
    sample_data_token: NotRequired[str]
    timestamp: NotRequired[float]
    height: NotRequired[int]
    width: NotRequired[int]


class SampleInfo(TypedDict):
    """An entry of `data_list`: a keyframe.

    Attributes:
        lidar_points: its sweep.
        images: its cameras, by name.
        pts_semantic_mask_path: label file of the sweep, below the data set's folder of labels.
        token: of the sample.
        scene_name: of the scene that it is of.
        scene_token: of that scene.
        timestamp: in seconds.
        ego2global: (4, 4), pose of the vehicle at the LiDAR's time.
        sample_id: SemanticKITTI's, as MMDetection3D writes it.
        sample_idx: position in the file.
    """

    lidar_points: LidarInfo
    images: NotRequired[dict[str, CameraInfo]]
    pts_semantic_mask_path: NotRequired[str]
    token: NotRequired[str]
    scene_name: NotRequired[str]
    scene_token: NotRequired[str]
    timestamp: NotRequired[float]
    ego2global: NotRequired[Matrix]
    sample_id: NotRequired[str]
    sample_idx: NotRequired[int]


class InfoFile(TypedDict):
    """An info file as it is written."""

    metainfo: InfoHead
    data_list: list[SampleInfo]


class ReadInfos(TypedDict):
    """An info file as it is read: dicts, of which nothing else has been checked."""

    metainfo: dict[str, object]
    data_list: list[dict[str, object]]
