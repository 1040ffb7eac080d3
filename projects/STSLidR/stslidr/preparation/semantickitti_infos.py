"""SemanticKITTI sweeps as info files in MMDetection3D's layout."""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path

from stslidr.errors import MissingFileError
from stslidr.files.info_layout import INFO_VERSION, InfoHead, SampleInfo
from stslidr.files.infos import info_file_name
from stslidr.files.label_split_file import label_split_file_name
from stslidr.files.sweeps import count_points
from stslidr.preparation.info_files import check_folder, write_split
from stslidr.preparation.label_splits import write_frame_label_splits
from stslidr.text import shorten
from stslidr.tooling.progress import show_progress

DATASET = 'semantickitti'
NUM_SWEEPS = {  # of the complete benchmark
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
TEST = tuple(sequence for sequence in NUM_SWEEPS if sequence not in (*TRAIN, *VAL))
SPLITS = {'train': TRAIN, 'val': VAL, 'test': TEST, 'trainval': tuple(sorted(TRAIN + VAL))}
NUM_PTS_FEATS = 4  # x, y, z, remission
SWEEP_NAME = re.compile(r'\d{6}\.bin')


def create_semantickitti_infos(root: str | Path, out: str | Path | None = None) -> list[str]:
    """Write `OUT/semantickitti_infos_<split>.pkl` for each split that has a sweep on disk.

    Beside them goes `semantickitti_label_splits.json`, if there is a sweep to train on.

    Args:
        root: folder that holds `sequences/00/velodyne/000000.bin` and so on.
        out: folder of the info files, made if missing; `root` by default.

    Returns:
        What was done, one line per split and one for the label splits, which sequences on disk are
        incomplete, and which files were left out because of their names.

    Raises:
        MissingFileError: if `root` is another folder, or holds no sweep of the benchmark.
        FileAccessError: if files cannot be written in `out`.
        InputError: if a sweep is empty or truncated.
    """
    root = Path(root)
    _check_root(root)
    folder = Path(root if out is None else out)
    check_folder(folder)
    sweeps, others = _list_sweeps(root)
    total = sum(len(paths) for paths in sweeps.values())
    if not total:
        raise MissingFileError(
            f'{root}/sequences holds no sweep such as 00/velodyne/000000.bin in 00 to 21'
        )
    labels = {sequence: _labelled_frames(root, sequence) for sequence in sweeps}
    listed = [(sequence, path) for sequence, paths in sweeps.items() for path in paths]
    infos: dict[str, list[SampleInfo]] = {sequence: [] for sequence in sweeps}
    for sequence, path in show_progress(listed, total, 0, 'sweeps'):
        infos[sequence].append(_sample_info(sequence, path, labels[sequence]))
    reports = []
    for split, sequences in SPLITS.items():
        metainfo: InfoHead = {
            'DATASET': 'SemanticKITTI',
            'dataset': DATASET,
            'info_version': INFO_VERSION,
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
    return reports + _describe_oddities(sweeps, others) + _describe_missing_labels(sweeps, labels)


def _list_sweeps(root: Path) -> tuple[dict[str, list[Path]], list[Path]]:
    """Scans of each sequence in the order of their frames, and files that are named otherwise.

    A stray file among the sweeps, such as `._000000.bin`, would move every later one in the list of
    which label splits take every k-th.
    """
    files = {
        sequence: sorted((root / 'sequences' / sequence / 'velodyne').glob('*.bin'))
        for sequence in NUM_SWEEPS
    }
    sweeps = {
        sequence: [path for path in paths if SWEEP_NAME.fullmatch(path.name)]
        for sequence, paths in files.items()
    }
    others = [
        path
        for sequence, paths in files.items()
        for path in paths
        if not SWEEP_NAME.fullmatch(path.name)
    ]
    return sweeps, others


def _describe_oddities(sweeps: dict[str, list[Path]], others: list[Path]) -> list[str]:
    """Lines about sequences that are not as the benchmark has them, and files left out."""
    reports = []
    incomplete = [
        f'{sequence} ({len(paths)} of {NUM_SWEEPS[sequence]} sweeps)'
        for sequence, paths in sweeps.items()
        if 0 < len(paths) < NUM_SWEEPS[sequence]
    ]
    if incomplete:
        reports.append(f'incomplete on disk: {", ".join(incomplete)}')
    trained_on = {sequence: len(sweeps[sequence]) for sequence in TRAIN}
    if any(trained_on.values()) and any(
        number != NUM_SWEEPS[sequence] for sequence, number in trained_on.items()
    ):
        reports.append(
            'the label splits are those of the sweeps on disk; the published ones need '
            f'exactly the {sum(NUM_SWEEPS[sequence] for sequence in TRAIN)} sweeps of '
            f'{", ".join(TRAIN)}'
        )
    if others:
        reports.append(
            f'left out {len(others)} files that are not named as sweeps: {shorten(others)}'
        )
    return reports


def _describe_missing_labels(
    sweeps: dict[str, list[Path]], labels: dict[str, set[str]]
) -> list[str]:
    """A line about sequences of which some sweeps have labels and others none."""
    counts = {
        sequence: (sum(path.stem in labels[sequence] for path in paths), len(paths))
        for sequence, paths in sweeps.items()
    }
    partly = [
        f'{sequence} ({labelled} of {number} sweeps)'
        for sequence, (labelled, number) in counts.items()
        if 0 < labelled < number
    ]
    return [f'labels are incomplete on disk: {", ".join(partly)}'] if partly else []


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


def _labelled_frames(root: Path, sequence: str) -> set[str]:
    """Numbers of the frames of a sequence that have a label file."""
    return {path.stem for path in (root / 'sequences' / sequence / 'labels').glob('*.label')}


def _sample_info(sequence: str, path: Path, labelled: Collection[str]) -> SampleInfo:
    """Entry of one sweep, with its label file where there is one."""
    info: SampleInfo = {
        'lidar_points': {
            'lidar_path': f'sequences/{sequence}/velodyne/{path.name}',
            'num_pts_feats': NUM_PTS_FEATS,
            'num_points': count_points(path, NUM_PTS_FEATS),
        },
        'sample_id': _mmdet3d_sample_id(sequence, path.stem),
    }
    if path.stem in labelled:
        info['pts_semantic_mask_path'] = f'sequences/{sequence}/labels/{path.stem}.label'
    return info


def _mmdet3d_sample_id(sequence: str, frame: str) -> str:
    """`sample_id` as MMDetection3D 1.4 writes it: both numbers without their leading zeros."""
    return f'{int(sequence)}{frame.lstrip("0") or "0"}'


def _describe(sequences: tuple[str, ...], samples: list[SampleInfo]) -> str:
    """How many of a split's sequences are on disk, and how many sweeps have labels."""
    if not samples:
        return f'no sweep of its {len(sequences)} sequences is on disk'
    present = {info['lidar_points']['lidar_path'].split('/')[1] for info in samples}
    labelled = sum('pts_semantic_mask_path' in info for info in samples)
    return f'{len(present)} of {len(sequences)} sequences, {labelled} sweeps with labels'
