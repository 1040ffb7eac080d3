"""The sensors of a version that go into info files, and where their files lie."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from stslidr.errors import InputError
from stslidr.files.contained_paths import contained
from stslidr.files.folder_patterns import camera_folder, version_folder
from stslidr.files.lidarseg_classes import RAW_NAMES
from stslidr.files.stated_folders import LABELS, SWEEPS, split_folder
from stslidr.preparation import nuscenes_layout as layout
from stslidr.preparation.nuscenes_rows import SampleRow
from stslidr.preparation.nuscenes_tables import KeyframeTables


@dataclass(frozen=True)
class RecordedSensors:
    """One LiDAR and all cameras of a version.

    Args:
        tables: the devkit's database.
        lidar: channel of the LiDAR.
        cameras: channels of the cameras.
        lidarseg: sample_data token of a sweep -> its label file, relative to the root.
        no_labels: why labels are left out that the tables list; '' if they are not.
        folders: sensor, as info files call it -> the folder that its paths start from.
    """

    tables: KeyframeTables
    lidar: str
    cameras: list[str]
    lidarseg: dict[str, str]
    no_labels: str
    folders: dict[str, str] = field(default_factory=dict)

    @classmethod
    def find(cls, tables: KeyframeTables, lidar: str | None = None) -> RecordedSensors:
        """Those that have keyframes.

        Args:
            tables: the devkit's database.
            lidar: the LiDAR's channel; None: LIDAR_TOP, or the only one that there is.

        Raises:
            InputError: there is no such LiDAR, or no camera.
        """
        cameras = _camera_channels(tables)
        if not cameras:
            raise InputError(f'{tables.table_root}/sample_data.json has no keyframe of a camera')
        lidarseg, no_labels = _lidarseg_files(tables)
        sensors = cls(tables, _lidar_channel(tables, lidar), cameras, lidarseg, no_labels)
        names: dict[str, list[str]] = {}
        for sample in tables.sample:
            if not sensors.absent_of(sample):
                for sensor, name in sensors.files_of(sample).items():
                    names.setdefault(sensor, []).append(name)
        for sensor, usual in sensors._usual_folders():
            sensors.folders[sensor] = split_folder(names.get(sensor, []), usual)
        return sensors

    def unusual_folders(self) -> dict[str, str]:
        """Those folders that are not nuScenes' own, for `metainfo`."""
        usual = dict(self._usual_folders())
        return {name: folder for name, folder in self.folders.items() if folder != usual[name]}

    def absent_of(self, sample: SampleRow) -> list[str]:
        """The channels that a sample has no keyframe of."""
        return [channel for channel in (self.lidar, *self.cameras) if channel not in sample['data']]

    def files_of(self, sample: SampleRow) -> dict[str, str]:
        """The files of a sample that lacks no sensor, by sensor, relative to the root.

        Raises:
            InputError: a name leads out of the root.
        """
        sweep = sample['data'][self.lidar]
        files = {SWEEPS: self._file_name(sweep)}
        files |= {camera: self._file_name(sample['data'][camera]) for camera in self.cameras}
        if sweep in self.lidarseg:
            files[LABELS] = self._contained(self.lidarseg[sweep])
        return files

    def paths_of(self, sample: SampleRow) -> dict[str, str]:
        """The files of a sample, by sensor, relative to its folder."""
        return {
            sensor: str(PurePosixPath(name).relative_to(self.folders[sensor]))
            for sensor, name in self.files_of(sample).items()
        }

    def _file_name(self, token: str) -> str:
        return self._contained(self.tables.get('sample_data', token)['filename'])

    def _contained(self, name: str) -> str:
        return contained(name, f'{self.tables.table_root}: a filename is')

    def _usual_folders(self) -> Iterator[tuple[str, str]]:
        yield SWEEPS, layout.SWEEP_FOLDER
        for camera in self.cameras:
            yield camera, camera_folder(layout.IMAGE_FOLDER, camera)
        yield LABELS, version_folder(layout.LABEL_FOLDER, self.tables.version, 'labels lie')


def _recorded(tables: KeyframeTables, modality: str) -> set[str]:
    """The channels of this modality that have any keyframe."""
    channels = {row['channel'] for row in tables.sensor if row['modality'] == modality}
    return channels & set().union(*(sample['data'] for sample in tables.sample))


def _camera_channels(tables: KeyframeTables) -> list[str]:
    """Cameras, nuScenes' own first and in their order."""
    recorded = _recorded(tables, 'camera')
    own = sorted(recorded.difference(layout.CAMERAS))
    return [channel for channel in (*layout.CAMERAS, *own) if channel in recorded]


def _lidar_channel(tables: KeyframeTables, asked: str | None) -> str:
    """The LiDAR that is asked for, else LIDAR_TOP, else the only one.

    Raises:
        InputError: there is none, not this one, or several of which none is LIDAR_TOP.
    """
    recorded = sorted(_recorded(tables, 'lidar'))
    file = f'{tables.table_root}/sample_data.json'
    if not recorded:
        raise InputError(f'{file} has no keyframe of a LiDAR')
    if asked is not None and asked not in recorded:
        raise InputError(f'--lidar {asked}: {file} has keyframes of {", ".join(recorded)}')
    if asked is None and len(recorded) > 1 and layout.LIDAR not in recorded:
        raise InputError(
            f'{file} has keyframes of {", ".join(recorded)}: choose the LiDAR with --lidar'
        )
    return asked or (layout.LIDAR if layout.LIDAR in recorded else recorded[0])


def _lidarseg_files(tables: KeyframeTables) -> tuple[dict[str, str], str]:
    """Label file (relative to the root) by sample_data token, and why there are none.

    There are none if not one is on disk, or if categories are numbered otherwise than in
    nuScenes-lidarseg. Pretraining reads no label, so that such a version is complete.
    """
    files = {row['sample_data_token']: row['filename'] for row in tables.lidarseg}
    if not files:
        return {}, ''
    if not any(Path(tables.dataroot, file).is_file() for file in files.values()):
        return {}, 'no lidarseg file is on disk'
    other = _other_categories(tables)
    return ({}, other) if other else (files, '')


def _other_categories(tables: KeyframeTables) -> str:
    """How the version numbers its categories unlike nuScenes-lidarseg; '' if it does not."""
    for row in tables.category:
        index, name = row.get('index'), row.get('name')  # no index: tables without lidarseg
        theirs = RAW_NAMES.get(index) if isinstance(index, int) else None
        if index is not None and theirs != name:
            return (
                f'{tables.table_root}/category.json gives the index {index} to {name!r}, '
                f'nuScenes-lidarseg to {theirs!r}, so labels would be taken for others'
            )
    return ''
