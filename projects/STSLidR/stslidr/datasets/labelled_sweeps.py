"""Labelled sweeps, from the info files of tools/create_data.py."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from mmdet3d.datasets import Seg3DDataset
from mmdet3d.registry import TRANSFORMS
from mmengine.logging import print_log

from stslidr.dataset_records.record import DatasetRecord
from stslidr.dataset_records.sensor_folders import SensorFolders
from stslidr.datasets.seeded_access import SeededDataset, checked_limit
from stslidr.datasets.transforms.voxelization import voxel_metainfo
from stslidr.errors import InputError
from stslidr.files.folder_patterns import version_folder
from stslidr.files.info_entries import InfoEntry, sample_entries
from stslidr.files.infos import read_infos
from stslidr.files.label_split_file import LabelSplit, read_label_split
from stslidr.files.point_labels import LabelFormat
from stslidr.files.stated_folders import LABELS, SWEEPS
from stslidr.text import shorten


def metainfo_of(record: DatasetRecord) -> dict[str, Any]:
    """`METAINFO` as MMDetection3D's outdoor datasets have it: there, ids are those of classes."""
    class_ids = tuple(range(len(record.classes)))
    return {
        'classes': record.classes,
        'palette': [list(colour) for colour in record.palette],
        'seg_valid_class_ids': class_ids,
        'seg_all_class_ids': class_ids,
        'seg_label_mapping': dict(record.labels.class_of_raw),
        'max_label': max(record.labels.class_of_raw),
    }


class LabelledSweeps(SeededDataset, Seg3DDataset):
    """The labelled sweeps of the data set that a record describes.

    A sample is a dict, before its pipeline:

    - ``sample_idx``, its position; ``token`` of the sample, ``sample_data_token`` of its sweep and
      ``scene_name``, each None where the info file has none;
    - ``lidar_points`` with ``lidar_path`` and, where the info file states them, ``num_pts_feats``
      (columns) and ``num_points``; ``lidar_path`` and ``num_pts_feats`` once more beside it;
    - where labels are needed: ``pts_semantic_mask_path``, ``label_format`` for `LoadPointLabels`,
      and for MMDetection3D's `PointSegClassMapping` ``seg_label_mapping``, int64 (highest raw
      id + 1,);
    - for scores: ``eval_ann_info``, filled where labels are loaded; to train: ``dataset``.

    Labels are needed to train, and with ``test_mode`` unless ``load_eval_anns`` is False.

    Args:
        ann_file: info file, relative to ``data_root`` unless absolute.
        data_root: folder that relative paths start from.
        pipeline: transforms, or their configs.
        data_prefix: folders that the info file's paths start from, relative to ``data_root`` unless
            absolute: ``pts`` for sweeps, ``pts_semantic_mask`` for labels. One that is not given is
            that of the info file, else that of the data set's record, see `SensorFolders`.
            ``{version}`` in a folder stands for the version that the info file states: nuScenes'
            labels are in ``lidarseg/{version}``.
        label_split: name of a label split, such as '1pct', of the JSON file beside the info file;
            only its scenes or frames are kept. None keeps all.
        test_mode: to predict or score, instead of to train.
        load_eval_anns: with ``test_mode``, load labels for scores.
        indices: the first so many samples, or the positions of those to use.
        max_bad_samples: how many different samples a training may skip, as their files are damaged,
            missing or not as the info file says; 0: the first one is an error, as it always is in a
            test.
        lazy_init: read nothing until the first sample is asked for; all that `metainfo` says about
            classes and voxels is there nevertheless.

    Raises:
        MissingFileError: if the info file, or the file of label splits, is not there.
        InputError: for an info file without samples, with a value of a wrong type, or without the
            labels or the scenes and frames that are needed; if the label split is unknown, empty,
            or does not have its hash.
    """

    record: DatasetRecord
    """Of the data set; what derives from this class sets it, and `METAINFO` as `metainfo_of` it."""

    def __init__(
        self,
        ann_file: str,
        data_root: str,
        pipeline: Sequence[dict | Callable],
        data_prefix: dict[str, str] | None = None,
        label_split: str | None = None,
        test_mode: bool = False,
        load_eval_anns: bool = True,
        indices: int | Sequence[int] | None = None,
        lazy_init: bool = False,
        max_bad_samples: int = 0,
    ) -> None:
        """Build the pipeline and, unless `lazy_init`, read the info file."""
        self.max_bad_samples = checked_limit(max_bad_samples)
        self.label_split = label_split
        self.needs_labels = not test_mode or load_eval_anns
        super().__init__(
            ann_file=ann_file,
            data_root=data_root,
            data_prefix=dict(data_prefix or {}),
            metainfo=metainfo_of(self.record),
            # Compose would look in mmengine's own registry where no default scope is set.
            pipeline=[
                TRANSFORMS.build(step) if isinstance(step, dict) else step for step in pipeline
            ],
            test_mode=test_mode,
            load_eval_anns=load_eval_anns,
            serialize_data=True,
            indices=indices,
            lazy_init=True,  # else Seg3DDataset indexes the list that serialising has emptied
        )
        self._metainfo.update(voxel_metainfo(self.pipeline.transforms))
        if not lazy_init:
            self.full_init()

    @property
    def label_format(self) -> LabelFormat:
        """How label files are read and predictions written."""
        return self.record.labels

    def get_seg_label_mapping(self, metainfo: dict[str, Any] | None = None) -> np.ndarray:
        """Raw id -> class, int64 (highest raw id + 1,); unknown ids are ignored.

        `metainfo` is what MMDetection3D passes; the classes are fixed, so nothing in it counts.
        """
        return self.label_format.class_table

    def full_init(self) -> None:
        """Read the info file, if that has not been done."""
        if self._fully_initialized:
            return
        super().full_init()
        if self.label_split is not None:
            self._metainfo['num_labelled_samples'] = len(self)
            print_log(
                f'label split {self.label_split} of {self.ann_file}: {len(self)} samples, SHA-256 '
                f'of its names {self._metainfo["label_split_sha256"]}',
                logger='current',
            )

    def load_data_list(self) -> list[dict[str, Any]]:
        """Read the info file, check what stands there and resolve its paths."""
        infos = read_infos(self.ann_file)
        for name, value in infos['metainfo'].items():
            self._metainfo.setdefault(name, value)
        if not infos['data_list']:
            raise InputError(f'{self.ann_file}: no samples in data_list')
        self._folders = SensorFolders(self.ann_file, infos['metainfo'], self.record)
        samples = sample_entries(self.ann_file, infos['data_list'])
        if self.label_split is not None:
            samples = self._select(samples, self._read_label_split(self.label_split))
        if self.needs_labels:
            self._check_labels(samples)
        return [self._read_sample(sample) for sample in samples]

    def get_data_info(self, idx: int) -> dict[str, Any]:
        """The sample of an index, before its pipeline."""
        sample = super().get_data_info(idx)
        if self.needs_labels:
            sample['label_format'] = self.label_format.name
            sample['seg_label_mapping'] = self.seg_label_mapping
            if self.test_mode:
                sample['eval_ann_info'] = {}
        return sample

    def _read_label_split(self, name: str) -> LabelSplit:
        split = self._stated('split')
        if split is None:
            raise InputError(
                f'{self.ann_file} does not state its split, which label_split='
                f'{name!r} is a part of: write it with tools/create_data.py, or use '
                f'all of it with label_split=None'
            )
        file = Path(self.ann_file).with_name(self.record.label_split_file)
        found = read_label_split(file, split, name, self._stated('version'))
        self._metainfo.update(label_split=found.name, label_split_sha256=found.sha256)
        return found

    def _stated(self, key: str) -> str | None:
        """What the info file says about itself under a key, None if nothing."""
        return InfoEntry(f'{self.ann_file}: metainfo', self._metainfo).optional_text(key)

    def _select(self, samples: list[InfoEntry], split: LabelSplit) -> list[InfoEntry]:
        """The samples of a label split, all of whose names must be there."""
        names = [self.record.split_rule.name_of(sample) for sample in samples]
        missing = sorted(set(split.names) - set(names))
        if missing:
            raise InputError(
                f'{self.ann_file} has no sample of {len(missing)} of the {len(split.names)} names '
                f'of label split {split.name!r}: {shorten(missing)}. Complete the download and '
                f'run tools/create_data.py again, or use all that is there with label_split=None'
            )
        wanted = set(split.names)
        return [sample for sample, name in zip(samples, names, strict=True) if name in wanted]

    def _check_labels(self, samples: list[InfoEntry]) -> None:
        bare = [
            sample.child('lidar_points').text('lidar_path')
            for sample in samples
            if sample.values.get('pts_semantic_mask_path') is None
        ]
        if bare:
            raise InputError(
                f'{self.ann_file} names no label file for {len(bare)} of {len(samples)} sweeps: '
                f'{shorten(bare)}. Training and scores need labels: complete the download and run '
                f'tools/create_data.py again; to predict without, set test_mode=True and '
                f'load_eval_anns=False'
            )

    def _read_sample(self, sample: InfoEntry) -> dict[str, Any]:
        lidar = sample.child('lidar_points')
        sweep: dict[str, Any] = {'lidar_path': self._resolve(SWEEPS, lidar.path('lidar_path'))}
        for name in ('num_pts_feats', 'num_points'):
            if (number := lidar.optional_number(name)) is not None:
                sweep[name] = number
        read = {
            'token': sample.optional_text('token'),
            'sample_data_token': lidar.optional_text('sample_data_token'),
            'scene_name': self.record.scene_of(sample),
            'lidar_points': sweep,
            'lidar_path': sweep['lidar_path'],
            'num_pts_feats': sweep.get('num_pts_feats'),
        }
        if self.needs_labels:
            read['pts_semantic_mask_path'] = self._resolve(
                LABELS, sample.path('pts_semantic_mask_path')
            )
        return read

    def _resolve(self, kind: str, path: str) -> str:
        if kind not in self.data_prefix:
            return os.path.join(self.data_root, self._folders.find(kind) or '', path)
        where = f'{self.ann_file}: data_prefix.{kind} lies'
        folder = version_folder(self.data_prefix[kind], self._stated('version'), where)
        return os.path.join(folder, path)
