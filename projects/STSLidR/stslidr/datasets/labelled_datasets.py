"""Labelled data sets, from the info files of tools/create_data.py: two by name, any by its record.

All are datasets of MMDetection3D: its transforms, `SegMetric` and visualisers find what they need.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any, ClassVar

from mmdet3d.datasets import SemanticKittiDataset
from mmdet3d.registry import DATASETS

from stslidr.dataset_records.nuscenes import NUSCENES
from stslidr.dataset_records.record import DatasetRecord
from stslidr.dataset_records.registry import find_record
from stslidr.dataset_records.semantickitti import SEMANTIC_KITTI
from stslidr.datasets.labelled_sweeps import LabelledSweeps, metainfo_of


class LidarSegNuScenesDataset(LabelledSweeps):
    """nuScenes-lidarseg: 16 classes, 0 to 15, and 16 for what is ignored; see `LabelledSweeps`.

    A label split is a list of scene names, in ``nuscenes_label_splits.json``.
    """

    record = NUSCENES
    METAINFO: ClassVar[dict[str, Any]] = metainfo_of(NUSCENES)


class LidarSegKittiDataset(LabelledSweeps, SemanticKittiDataset):
    """SemanticKITTI: 19 classes, 0 to 18, and 19 for what is ignored; see `LabelledSweeps`.

    MMDetection3D's own dataset has `bus` where the benchmark has `other-vehicle`, and leaves the
    mapping of raw ids to the config. A label split is a list of the sweeps' paths in the info file,
    in ``semantickitti_label_splits.json``.
    """

    record = SEMANTIC_KITTI
    METAINFO: ClassVar[dict[str, Any]] = metainfo_of(SEMANTIC_KITTI)


class LabelledSweepDataset(LabelledSweeps):
    """Any data set by its record, such as one of the user's; see `LabelledSweeps`.

    The module that registers the record stands in the config's ``custom_imports``, after the
    plugin. The record says which classes there are, how labels are read and how label splits are
    taken.

    Args:
        record: name of the record.
        settings: all others of `LabelledSweeps`.

    Raises:
        InputError: if no record of this name is registered, and as in `LabelledSweeps`.
    """

    def __init__(self, record: str, **settings: Any) -> None:
        """Look the record up and build the dataset."""
        self.record = find_record(record)
        self.METAINFO = metainfo_of(self.record)
        super().__init__(**settings)


def record_of(dataset: Mapping[str, Any]) -> DatasetRecord | None:
    """The record of the data set that a config describes; None of one that is not labelled here.

    Args:
        dataset: its part of the config, with ``type``.

    Raises:
        InputError: if it names a record that is not registered.
    """
    kind: Any = dataset['type']  # a class in a config of mmengine's pure Python style
    if not inspect.isclass(kind):
        kind = DATASETS.get(kind)
    if kind is None or not issubclass(kind, LabelledSweeps):
        return None
    return find_record(dataset['record']) if 'record' in dataset else kind.record
