"""A data set's info files and label splits, from what its own code lists."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from stslidr.dataset_records.record import DatasetRecord
from stslidr.errors import InputError
from stslidr.files.info_entries import InfoEntry, sample_entries
from stslidr.files.info_layout import INFO_VERSION, InfoHead, LidarInfo, SampleInfo
from stslidr.preparation.info_files import check_folder, write_split
from stslidr.preparation.label_splits import write_label_splits_by


def write_info_files(
    record: DatasetRecord,
    out: Path,
    splits: Mapping[str, Sequence[SampleInfo]],
    version: str | None = None,
) -> Iterator[str]:
    """Write an info file for each split, and the label splits of those that are trained on.

    A sample's entry holds, as in MMDetection3D:

    - ``lidar_points``, a dict with ``lidar_path``, the sweep's path below the record's folder of
      sweeps, and, if they are known, ``num_pts_feats``, ``num_points`` and ``sample_data_token``;
    - ``pts_semantic_mask_path``, of its label file, if it has one;
    - ``token`` and ``scene_name``, and ``images`` with each camera's image and calibration, if
      there are any.

    ``sample_idx`` is set here, and ``num_pts_feats`` where it is not stated.

    Args:
        record: the data set.
        out: folder of the files, made if missing.
        splits: each of the record's ``info_kinds`` -> its samples, in order; one may have none.
        version: of the data set, which ``{version}`` in its folders stands for.

    Yields:
        What was done, one line per split, and one for the label splits of each that has them.

    Raises:
        InputError: if a split is none of the record's, no split has a sample, or an entry lacks
            the sweep's path or what the split rule names it by.
        FileAccessError: if files cannot be written in `out`.
    """
    unknown = sorted(splits.keys() - set(record.info_kinds))
    if unknown:
        raise InputError(
            f'data set {record.name!r} has no split {unknown[0]!r}, but '
            f'{", ".join(record.info_kinds)}'
        )
    if not any(splits.values()):
        raise InputError(f'no sample of {record.name} is on disk')
    check_folder(out)
    about = {'dataset': record.name} | ({} if version is None else {'version': version})
    names = {split: _names(record, split, samples) for split, samples in splits.items()}
    for split, samples in splits.items():
        labelled = sum('pts_semantic_mask_path' in sample for sample in samples)
        yield write_split(
            out / record.info_file(split),
            _head(record, version, split),
            [_with_columns(record, sample) for sample in samples],
            f'{labelled} with labels' if samples else 'no sample is on disk',
        )
    yield from write_label_splits_by(record.split_rule, out / record.label_split_file, about, names)


def _names(record: DatasetRecord, split: str, samples: Sequence[SampleInfo]) -> list[str]:
    """What the split rule names each sample by."""
    entries: list[InfoEntry] = sample_entries(f'{record.name}, {split}', samples)
    for entry in entries:
        entry.child('lidar_points').text('lidar_path')
    return [record.split_rule.name_of(entry) for entry in entries]


def _head(record: DatasetRecord, version: str | None, split: str) -> InfoHead:
    head: InfoHead = {'dataset': record.name, 'info_version': INFO_VERSION, 'split': split}
    return head if version is None else {**head, 'version': version}


def _with_columns(record: DatasetRecord, sample: SampleInfo) -> SampleInfo:
    lidar: LidarInfo = {'num_pts_feats': record.num_pts_feats, **sample['lidar_points']}
    return {**sample, 'lidar_points': lidar}
