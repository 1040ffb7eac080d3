"""Where the files of each sensor lie that an info file names."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from stslidr.dataset_records.nuscenes import NUSCENES
from stslidr.dataset_records.record import DatasetRecord
from stslidr.dataset_records.registry import RECORDS
from stslidr.files.stated_folders import LABELS, SWEEPS, stated_folders
from stslidr.preparation.nuscenes_layout import CAMERAS


class SensorFolders:
    """Folders of the sensors of one info file, relative to the root of its data set.

    What the info file states goes before what is usual in its data set. Of a file that names no
    data set, or none that is known, nuScenes' sensors lie as in nuScenes.
    """

    def __init__(
        self, infos: str | Path, metainfo: Mapping[str, Any], record: DatasetRecord | None = None
    ) -> None:
        """Take the folders from what an info file says about itself.

        Args:
            infos: the info file.
            metainfo: its `metainfo`.
            record: of its data set; None: that of the name which it states.

        Raises:
            InputError: what it says of folders is malformed, or leads out of the root.
        """
        self.infos, self.version = infos, metainfo.get('version')
        self.stated = stated_folders(infos, metainfo)
        self.record = record or RECORDS.get(str(metainfo.get('dataset')))

    def find(self, sensor: str) -> str | None:
        """The folder of `pts`, `pts_semantic_mask` or a camera; None if nothing says where it is.

        Raises:
            InputError: labels lie in a folder of the version, which the file does not state.
        """
        if sensor in self.stated:
            return self.stated[sensor]
        folders = (self.record or NUSCENES).folders
        if sensor == LABELS:
            return folders.labels_of(self.version, self.infos)
        if sensor == SWEEPS:
            return folders.sweeps
        return folders.images_of(sensor) if self.record or sensor in CAMERAS else None
