"""nuScenes-lidarseg and SemanticKITTI, from the info files of tools/create_data.py.

Both are datasets of MMDetection3D: its transforms, `SegMetric` and visualisers find what they need.
"""

from __future__ import annotations

from pathlib import PurePosixPath
from types import ModuleType
from typing import Any, ClassVar

from mmdet3d.datasets import Seg3DDataset, SemanticKittiDataset

from stslidr.datasets.labelled_sweeps import LabelledSweeps
from stslidr.files import lidarseg_classes, semantickitti_classes
from stslidr.files.info_entries import InfoEntry
from stslidr.files.point_labels import LIDARSEG, SEMANTIC_KITTI, LabelFormat


def _metainfo(classes: ModuleType, label_format: LabelFormat) -> dict[str, Any]:
    """`METAINFO` as MMDetection3D's outdoor datasets have it: there, ids are those of classes.

    Args:
        classes: module of the data set's classes.
        label_format: of its label files.
    """
    class_ids = tuple(range(label_format.ignored))
    return {
        'classes': classes.CLASS_NAMES,
        'palette': [list(colour) for colour in classes.PALETTE],
        'seg_valid_class_ids': class_ids,
        'seg_all_class_ids': class_ids,
        'seg_label_mapping': dict(label_format.class_of_raw),
        'max_label': max(label_format.class_of_raw),
    }


class LidarSegNuScenesDataset(LabelledSweeps, Seg3DDataset):
    """nuScenes-lidarseg: 16 classes, 0 to 15, and 16 for what is ignored; see `LabelledSweeps`.

    A label split is a list of scene names, in ``nuscenes_label_splits.json``.
    """

    METAINFO: ClassVar[dict[str, Any]] = _metainfo(lidarseg_classes, LIDARSEG)
    label_format = LIDARSEG
    label_split_file = 'nuscenes_label_splits.json'

    def split_name(self, sample: InfoEntry) -> str:
        """The name of the scene."""
        return sample.text('scene_name')

    def scene_name(self, sample: InfoEntry) -> str | None:
        """The name of the scene; MMDetection3D's own info files have none."""
        return sample.optional_text('scene_name')


class LidarSegKittiDataset(LabelledSweeps, SemanticKittiDataset):
    """SemanticKITTI: 19 classes, 0 to 18, and 19 for what is ignored; see `LabelledSweeps`.

    MMDetection3D's own dataset has `bus` where the benchmark has `other-vehicle`, and leaves the
    mapping of raw ids to the config. A label split is a list of the sweeps' paths in the info file,
    in ``semantickitti_label_splits.json``.
    """

    METAINFO: ClassVar[dict[str, Any]] = _metainfo(semantickitti_classes, SEMANTIC_KITTI)
    label_format = SEMANTIC_KITTI
    label_split_file = 'semantickitti_label_splits.json'

    def split_name(self, sample: InfoEntry) -> str:
        """The path of the sweep."""
        return sample.child('lidar_points').text('lidar_path')

    def scene_name(self, sample: InfoEntry) -> str | None:
        """The sequence, such as '08': the folder above `velodyne`."""
        folders = PurePosixPath(self.split_name(sample)).parts[:-1]
        return folders[-2] if len(folders) > 1 else None
