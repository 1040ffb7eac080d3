"""nuScenes keyframes as info files in MMDetection3D's v1.1 layout, through nuscenes-devkit."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from stslidr.core.geometry import compose_lidar2cam, rigid_transform
from stslidr.errors import InputError, MissingFileError
from stslidr.files.camera_calibration import read_calibration
from stslidr.files.images import image_size
from stslidr.files.info_entries import InfoEntry
from stslidr.files.info_layout import INFO_VERSION, CameraInfo, InfoHead, SampleInfo
from stslidr.files.infos import info_file_name
from stslidr.files.label_split_file import label_split_file_name, read_version
from stslidr.files.stated_folders import LABELS, SWEEPS
from stslidr.files.sweeps import count_points
from stslidr.files.synthetic_manifest import MANIFEST, TOOL
from stslidr.preparation.info_files import check_folder, write_split
from stslidr.preparation.label_splits import write_scene_label_splits
from stslidr.preparation.nuscenes_layout import DATASET, LIDAR, NUM_PTS_FEATS
from stslidr.preparation.nuscenes_rows import PoseRow, SampleDataRow, SampleRow
from stslidr.preparation.nuscenes_sensors import RecordedSensors
from stslidr.preparation.nuscenes_splits import scene_splits
from stslidr.preparation.nuscenes_tables import KeyframeTables
from stslidr.text import shorten
from stslidr.tooling.progress import show_progress

MICROSECONDS = 1e6  # a second


@dataclass
class Keyframes:
    """Infos of samples in the order of the sample table, and what is not on disk."""

    infos: list[SampleInfo] = field(default_factory=list)
    num_samples: int = 0
    num_files: int = 0
    missing: dict[str, list[str]] = field(default_factory=dict)  # scene name -> files

    def describe_missing(self) -> str:
        """How many files of how many scenes are missing, with the names of the first few."""
        names = [name for files in self.missing.values() for name in files]
        return (
            f'{len(names)} of {self.num_files} files are not on disk (or empty), in '
            f'{len(self.missing)} scenes: {shorten(names)}'
        )


def create_nuscenes_infos(
    root: str | Path,
    version: str,
    out: str | Path | None = None,
    allow_partial: bool = False,
    lidar: str | None = None,
) -> list[str]:
    """Write `OUT/nuscenes_infos_<split>.pkl` for each split that has a scene in the tables.

    Beside them goes `nuscenes_label_splits.json`, if there is a split to train on. Nothing is
    written before every sample of every split has been looked at. Of the files, only those of the
    keyframes' cameras and of one LiDAR are needed, and the lidarseg labels of a version that has
    some on disk.

    Args:
        root: folder that holds the version folder and `samples`.
        version: name of the version folder, such as `v1.0-trainval`.
        out: folder of the info files, made if missing; `root` by default.
        allow_partial: leave samples out that lack a sensor, or whose files are not all on disk.
        lidar: channel of the LiDAR; None: LIDAR_TOP, or the only one that there is.

    Returns:
        What was done, one line per split, and one for the label splits of each that has them.

    Raises:
        MissingFileError: if the root, the version, a table or (unless `allow_partial`) any file
            of a scene is missing.
        FileAccessError: if files cannot be written in `out`.
        InputError: if a table, a sweep or `splits.json` is damaged, no split has any sample, or
            the tables do not have this LiDAR.
    """
    tables = KeyframeTables(root, version)
    splits = scene_splits(tables)
    folder = Path(root if out is None else out)
    check_folder(folder)
    sensors = RecordedSensors.find(tables, lidar)
    keyframes = read_keyframes(
        tables, sensors, {scene for scenes in splits.values() for scene in scenes}, allow_partial
    )
    if keyframes.missing and not allow_partial:
        raise MissingFileError(
            f'under {root}, {keyframes.describe_missing()}. {_how_to_complete(root)}, or leave '
            f'their samples out with --allow-partial'
        )
    reports = [
        _write_split(folder, split, set(scenes), keyframes.infos, tables, sensors)
        for split, scenes in splits.items()
    ]
    if not keyframes.infos:
        raise InputError(f'nothing to write for {version}; {"; ".join(reports)}')
    label_splits = folder / label_split_file_name(DATASET)
    before = read_version(label_splits)
    reports += write_scene_label_splits(
        label_splits, version, [scene['name'] for scene in tables.scene], splits
    )
    if before not in (None, version) and read_version(label_splits) == version:
        reports.append(
            f'these files replace those of {before}, which have the same names: to keep '
            f'both, write each version with --out into a folder of its own'
        )
    if sensors.lidar != LIDAR:
        reports.append(f'sweeps are those of {sensors.lidar}')
    if sensors.no_labels:
        reports.append(f'{sensors.no_labels}: pts_semantic_mask_path is left out')
    if keyframes.missing:
        left_out = keyframes.num_samples - len(keyframes.infos)
        reports.append(
            f'left out {left_out} of {keyframes.num_samples} samples: '
            f'{keyframes.describe_missing()}'
        )
    return reports


def _how_to_complete(root: str | Path) -> str:
    """What to do about files that are not there."""
    if Path(root, MANIFEST).is_file():
        return f'Run {TOOL} again with the same arguments, which makes them'
    return 'Complete the download'


def read_keyframes(
    tables: KeyframeTables,
    sensors: RecordedSensors,
    scenes: Collection[str],
    allow_partial: bool = False,
) -> Keyframes:
    """Infos of all samples of `scenes` whose files are on disk, with a progress bar.

    Raises:
        InputError: unless `allow_partial`, if a sample lacks a sensor that others have.
    """
    keyframes = Keyframes()
    samples = [
        (sample, name)
        for sample in tables.sample
        if (name := tables.get('scene', sample['scene_token'])['name']) in scenes
    ]
    keyframes.num_samples = len(samples)
    for sample, scene in show_progress(samples, len(samples), 0, 'keyframes'):
        absent = sensors.absent_of(sample)
        if absent and not allow_partial:
            raise InputError(
                f'sample {sample["token"]} has no keyframe of {", ".join(absent)} in '
                f'{tables.table_root}/sample_data.json: leave such samples out with '
                '--allow-partial'
            )
        files = absent or list(sensors.files_of(sample).values())
        missing = absent or [name for name in files if not _is_filled(Path(tables.dataroot, name))]
        keyframes.num_files += len(files)
        if missing:
            keyframes.missing.setdefault(scene, []).extend(missing)
        else:
            keyframes.infos.append(sample_info(tables, sample, sensors))
    return keyframes


def sample_info(tables: KeyframeTables, sample: SampleRow, sensors: RecordedSensors) -> SampleInfo:
    """One entry of the data list.

    Args:
        tables: the devkit's database.
        sample: a row of its sample table.
        sensors: those to list.

    Returns:
        Matrices are nested lists of float64 in metres and pixels, times are in seconds, paths
        start from the folder of their sensor. `ego2global` is the pose at the LiDAR's time.

    Raises:
        InputError: if the sweep's size is no multiple of a row, or an image whose size the table
            does not state has no readable header.
    """
    sweep = tables.get('sample_data', sample['data'][sensors.lidar])
    paths = sensors.paths_of(sample)
    lidar2ego = _pose(tables.get('calibrated_sensor', sweep['calibrated_sensor_token']))
    ego2global = _pose(tables.get('ego_pose', sweep['ego_pose_token']))
    scene = tables.get('scene', sample['scene_token'])
    info: SampleInfo = {
        'token': sample['token'],
        'scene_name': scene['name'],
        'scene_token': scene['token'],
        'timestamp': _seconds(sample),
        'ego2global': ego2global.tolist(),
        'images': _image_infos(
            tables,
            [sample['data'][camera] for camera in sensors.cameras],
            paths,
            lidar2ego,
            ego2global,
        ),
        'lidar_points': {
            'lidar_path': paths[SWEEPS],
            'num_pts_feats': NUM_PTS_FEATS,
            'num_points': count_points(Path(tables.dataroot, sweep['filename']), NUM_PTS_FEATS),
            'lidar2ego': lidar2ego.tolist(),
            'sample_data_token': sweep['token'],
        },
    }
    if LABELS in paths:
        info['pts_semantic_mask_path'] = paths[LABELS]
    return info


def _image_infos(
    tables: KeyframeTables,
    tokens: Iterable[str],
    paths: Mapping[str, str],
    lidar2ego: np.ndarray,
    ego2global: np.ndarray,
) -> dict[str, CameraInfo]:
    """Entry of each camera, by channel; the poses (4, 4) are those of the LiDAR."""
    images = [tables.get('sample_data', token) for token in tokens]
    sensors = [
        tables.get('calibrated_sensor', image['calibrated_sensor_token']) for image in images
    ]
    cam2ego = np.stack([_pose(sensor) for sensor in sensors])
    ego2global_at_cam = np.stack(
        [_pose(tables.get('ego_pose', image['ego_pose_token'])) for image in images]
    )
    # Relative to the vehicle: kilometres from the map's origin would cost three digits.
    origin = np.zeros((4, 4))
    origin[:3, 3] = ego2global[:3, 3]
    lidar2cam = compose_lidar2cam(
        lidar2ego, ego2global - origin, ego2global_at_cam - origin, cam2ego
    )
    sizes = [_stated_or_read_size(tables, image) for image in images]
    infos: dict[str, CameraInfo] = {
        image['channel']: {
            'img_path': paths[image['channel']],
            'cam2img': sensor['camera_intrinsic'],
            'cam2ego': cam2ego[position].tolist(),
            'lidar2cam': lidar2cam[position].tolist(),
            'sample_data_token': image['token'],
            'timestamp': _seconds(image),
            'height': sizes[position][0],
            'width': sizes[position][1],
        }
        for position, (image, sensor) in enumerate(zip(images, sensors, strict=True))
    }
    for image in images:
        where = f'the row {image["token"]} of {tables.table_root}/sample_data.json'
        entry = InfoEntry(where, {**infos[image['channel']]})
        read_calibration(entry)
        entry.image_size()
    return infos


def _seconds(row: SampleRow | SampleDataRow) -> float:
    """The time of a row.

    Raises:
        InputError: it is no finite number; names the row.
    """
    time = row['timestamp']
    if not isinstance(time, int | float) or not math.isfinite(time):
        raise InputError(f'the row {row["token"]} has the timestamp {time!r}, which is no time')
    return time / MICROSECONDS


def _stated_or_read_size(tables: KeyframeTables, image: SampleDataRow) -> tuple[int, int]:
    """Height and width in pixels from the sample_data table, else from the image's header."""
    height, width = image.get('height'), image.get('width')
    if not (height and width):
        height, width = image_size(Path(tables.dataroot, image['filename']))
    return height, width


def _pose(row: PoseRow) -> np.ndarray:
    """Matrix (4, 4) of a calibrated_sensor (sensor2ego) or ego_pose (ego2global) row.

    Raises:
        InputError: if it holds no pose; names the row.
    """
    try:
        return rigid_transform(row['rotation'], row['translation'])
    except ValueError as error:
        raise InputError(f'the row {row["token"]} holds no pose: {error}') from error


def _is_filled(path: Path) -> bool:
    """Whether a file exists and is not empty, as an interrupted download leaves it."""
    try:
        return path.stat().st_size > 0
    except (FileNotFoundError, NotADirectoryError):
        return False


def _write_split(
    folder: Path,
    split: str,
    scenes: set[str],
    infos: list[SampleInfo],
    tables: KeyframeTables,
    sensors: RecordedSensors,
) -> str:
    """Write the info file of one split, unless it has no sample; returns what was done."""
    samples = [info for info in infos if info['scene_name'] in scenes]
    in_tables = scenes.intersection(scene['name'] for scene in tables.scene)
    if samples:
        used = {info['scene_name'] for info in samples}
        contents = f'{len(used)} of its {len(scenes)} scenes'
    elif in_tables:
        contents = f'no sample of its {len(in_tables)} scenes in the tables is complete on disk'
    else:
        contents = f'none of its {len(scenes)} scenes is in the tables'
    metainfo: InfoHead = {
        'dataset': DATASET,
        'version': tables.version,
        'info_version': INFO_VERSION,
        'split': split,
    }
    if folders := sensors.unusual_folders():
        metainfo['folders'] = folders
    return write_split(folder / info_file_name(DATASET, split), metainfo, samples, contents)
