"""SemanticKITTI scans as info files in MMDetection3D's layout."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from tqdm import tqdm

from stslidr.errors import MissingFileError
from stslidr.files.infos import info_file_name
from stslidr.files.label_split_file import label_split_file_name
from stslidr.files.sweeps import count_points
from stslidr.preparation.info_files import check_folder, write_split
from stslidr.preparation.label_splits import write_frame_label_splits
from stslidr.text import shorten

DATASET = 'semantickitti'
NUM_SCANS = {  # of the complete benchmark
    '00': 4541,
    '01': 1101,
    '02': 4661,
    '03': 801,
    '04': 271,
    '05': 2761,
    '06': 1101,
    '07': 1101,
    '08': 4071,
    '09': 1591,
    '10': 1201,
    '11': 921,
    '12': 1061,
    '13': 3281,
    '14': 631,
    '15': 1901,
    '16': 1731,
    '17': 491,
    '18': 1801,
    '19': 4981,
    '20': 831,
    '21': 2721,
}
TRAIN = ('00', '01', '02', '03', '04', '05', '06', '07', '09', '10')
VAL = ('08',)
TEST = tuple(sequence for sequence in NUM_SCANS if sequence not in (*TRAIN, *VAL))
SPLITS = {'train': TRAIN, 'val': VAL, 'test': TEST, 'trainval': tuple(sorted(TRAIN + VAL))}
NUM_PTS_FEATS = 4  # x, y, z, remission
SCAN_NAME = re.compile(r'\d{6}\.bin')


def create_semantickitti_infos(root: str | Path, out: str | Path | None = None) -> list[str]:
    """Write `OUT/semantickitti_infos_<split>.pkl` for each split that has a scan on disk.

    Beside them goes `semantickitti_label_splits.json`, if there is a scan to train on.

    Args:
        root: folder that holds `sequences/00/velodyne/000000.bin` and so on.
        out: folder of the info files, made if missing; `root` by default.

    Returns:
        What was done, one line per split and one for the label splits, which sequences on disk are
        incomplete, and which files were left out because of their names.

    Raises:
        MissingFileError: if `root` is another folder, or holds no scan of the benchmark.
        FileAccessError: if files cannot be written in `out`.
        InputError: if a scan is empty or truncated.
    """
    root = Path(root)
    _check_root(root)
    folder = Path(root if out is None else out)
    check_folder(folder)
    scans, others = _list_scans(root)
    total = sum(len(paths) for paths in scans.values())
    if not total:
        raise MissingFileError(
            f'{root}/sequences holds no scan such as 00/velodyne/000000.bin in 00 to 21'
        )
    with tqdm(total=total, desc='scans', unit='scan') as progress:
        infos = {
            sequence: _sequence_infos(root, sequence, paths, progress)
            for sequence, paths in scans.items()
        }
    reports = []
    for split, sequences in SPLITS.items():
        metainfo = {
            'DATASET': 'SemanticKITTI',
            'dataset': DATASET,
            'info_version': '1.1',
            'split': split,
        }
        samples = [info for sequence in sequences for info in infos[sequence]]
        reports.append(
            write_split(
                folder / info_file_name(DATASET, split),
                metainfo,
                samples,
                _describe(sequences, samples),
            )
        )
    reports += write_frame_label_splits(
        folder / label_split_file_name(DATASET),
        [info['lidar_points']['lidar_path'] for sequence in TRAIN for info in infos[sequence]],
    )
    return reports + _describe_oddities(scans, others)


def _list_scans(root: Path) -> tuple[dict[str, list[Path]], list[Path]]:
    """Scans of each sequence in the order of their frames, and files that are named otherwise.

    A stray file among the scans, such as `._000000.bin`, would move every later one in the list of
    which label splits take every k-th.
    """
    files = {
        sequence: sorted((root / 'sequences' / sequence / 'velodyne').glob('*.bin'))
        for sequence in NUM_SCANS
    }
    scans = {
        sequence: [path for path in paths if SCAN_NAME.fullmatch(path.name)]
        for sequence, paths in files.items()
    }
    others = [
        path
        for sequence, paths in files.items()
        for path in paths
        if not SCAN_NAME.fullmatch(path.name)
    ]
    return scans, others


def _describe_oddities(scans: dict[str, list[Path]], others: list[Path]) -> list[str]:
    """Lines about sequences that are not as the benchmark has them, and files left out."""
    reports = []
    incomplete = [
        f'{sequence} ({len(paths)} of {NUM_SCANS[sequence]} scans)'
        for sequence, paths in scans.items()
        if 0 < len(paths) < NUM_SCANS[sequence]
    ]
    if incomplete:
        reports.append(f'incomplete on disk: {", ".join(incomplete)}')
    trained_on = {sequence: len(scans[sequence]) for sequence in TRAIN}
    if any(trained_on.values()) and any(
        number != NUM_SCANS[sequence] for sequence, number in trained_on.items()
    ):
        reports.append(
            'the label splits are those of the scans on disk; the published ones need '
            f'exactly the {sum(NUM_SCANS[sequence] for sequence in TRAIN)} scans of '
            f'{", ".join(TRAIN)}'
        )
    if others:
        reports.append(
            f'left out {len(others)} files that are not named as scans: {shorten(others)}'
        )
    return reports


def _check_root(root: Path) -> None:
    """Raise MissingFileError, with the right folder where it is near, unless `root` is one."""
    if not root.is_dir():
        raise MissingFileError(f'the SemanticKITTI root {root} is no folder')
    if (root / 'sequences').is_dir():
        return
    hint = ''.join(
        f'; did you mean {folder}?'
        for folder in (root / 'dataset', root.parent)
        if (folder / 'sequences').is_dir()
    )
    raise MissingFileError(f'{root} is no SemanticKITTI root: it holds no folder `sequences`{hint}')


def _sequence_infos(
    root: Path, sequence: str, paths: list[Path], progress: tqdm
) -> list[dict[str, Any]]:
    """Entries of one sequence's scans, in the order of their frames; labels where they exist."""
    labels = {path.stem for path in (root / 'sequences' / sequence / 'labels').glob('*.label')}
    infos = []
    for path in paths:
        info: dict[str, Any] = {
            'lidar_points': {
                'lidar_path': f'sequences/{sequence}/velodyne/{path.name}',
                'num_pts_feats': NUM_PTS_FEATS,
                'num_points': count_points(path, NUM_PTS_FEATS),
            },
            'sample_id': _mmdet3d_sample_id(sequence, path.stem),
        }
        if path.stem in labels:
            info['pts_semantic_mask_path'] = f'sequences/{sequence}/labels/{path.stem}.label'
        infos.append(info)
        progress.update()
    return infos


def _mmdet3d_sample_id(sequence: str, frame: str) -> str:
    """`sample_id` as MMDetection3D 1.4 writes it: both numbers without their leading zeros."""
    return f'{int(sequence)}{frame.lstrip("0") or "0"}'


def _describe(sequences: tuple[str, ...], samples: list[dict[str, Any]]) -> str:
    """How many of a split's sequences are on disk, and how many scans have labels."""
    if not samples:
        return f'no scan of its {len(sequences)} sequences is on disk'
    present = {info['lidar_points']['lidar_path'].split('/')[1] for info in samples}
    labelled = sum('pts_semantic_mask_path' in info for info in samples)
    return f'{len(present)} of {len(sequences)} sequences, {labelled} scans with labels'
