"""Scores of a segmentation on points: per class, over all, and by distance."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any

import numpy as np
import torch
from mmengine.evaluator import BaseMetric
from mmengine.logging import print_log
from terminaltables import AsciiTable

from stslidr.datasets.transforms.packing_segmentation import NUM_STORED, points_of
from stslidr.errors import InputError
from stslidr.evaluation.confusion import SegScores, confusion_matrix
from stslidr.evaluation.result_types import BandScores
from stslidr.files.predicted_labels import check_one_for_each
from stslidr.text import percent

ALL = 'all'
CONFUSION = 'confusion'
"""Where a report holds the confusion matrix of each scene."""


class PointSegMetric(BaseMetric):
    """IoU of each class, mIoU and accuracy over all labelled points, and by range bands.

    Points of the dataset's ``ignore_index`` count neither as labels nor as predictions. A class
    that never occurs is left out of the means and of the result, and named in the log; the
    published code counts its IoU as 1. Validation and ``tools/test.py`` share this one class.

    A sweep leaves the confusion matrix of each band, 6 kB with 16 classes, and the name of its
    scene.

    Args:
        range_edges: distances from the sensor, in metres, at which the bands meet; (20, 40) gives
            0-20 m, 20-40 m and beyond. A point on an edge belongs to the farther band.
        collect_device: how processes exchange their results, see mmengine's ``BaseMetric``.
        **kwargs: further arguments of ``BaseMetric``.

    Attributes:
        report: of the last evaluation, what :func:`report_of` returns and, under ``confusion``,
            what :func:`confusion_by_scene` does; None before it, and in processes other than the
            first.

    Raises:
        InputError: if the edges are not positive and ascending.
    """

    default_prefix = 'seg'

    def __init__(
        self,
        range_edges: Sequence[float] = (20.0, 40.0),
        collect_device: str = 'gpu',
        **kwargs: Any,
    ) -> None:
        # mmengine's 'gpu' sends results through the process group, gloo too; its 'cpu' leaves
        # folders in the current directory
        super().__init__(collect_device=collect_device, **kwargs)
        edges = [0.0, *range_edges]
        if not all(low < high for low, high in zip(edges, edges[1:], strict=False)):
            raise InputError(f'range_edges {tuple(range_edges)} must be positive and ascending')
        self.range_edges = tuple(float(edge) for edge in range_edges)
        self.bands = [f'{low:g}-{high:g}m' for low, high in zip(edges, edges[1:], strict=False)]
        self.bands.append(f'{edges[-1]:g}+m')
        self.report: dict[str, Any] | None = None

    def process(self, data_batch: dict, data_samples: Sequence[dict]) -> None:
        """Count one batch.

        Raises:
            InputError: if a sweep has no labels, or not one label and one prediction for each
                point; names the sweep's file.
        """
        for sample, points in zip(data_samples, points_of(data_batch), strict=True):
            try:
                self.results.append((scene_of(sample), self._count(sample, points)))
            except ValueError as error:
                raise InputError(f'{sample.get("lidar_path", "a sweep")}: {error}') from error

    def _count(self, sample: Mapping[str, Any], points: torch.Tensor) -> np.ndarray:
        """Confusion matrices of one sweep, int64 (bands, K, K)."""
        labels = (sample.get('eval_ann_info') or {}).get('pts_semantic_mask')
        if labels is None:
            raise InputError(
                'there are no labels to score against: the dataset needs load_eval_anns=True and '
                'its pipeline LoadPointLabels; predictions alone: tools/test.py --out'
            )
        predictions = sample['pred_pts_seg']['pts_semantic_mask'].cpu().numpy()
        if not len(labels) == len(predictions) == len(points):
            raise InputError(
                f'{len(predictions)} predictions and {len(labels)} labels for '
                f'{len(points)} points: one of each is needed'
            )
        check_one_for_each(len(predictions), sample.get(NUM_STORED, len(points)), 'its file')
        labels = np.where(labels == self.dataset_meta['ignore_index'], -1, labels)
        distances = torch.linalg.vector_norm(points[:, :3].double(), dim=1).cpu().numpy()
        band_of = np.digitize(distances, self.range_edges)
        num_classes = len(self.dataset_meta['classes'])
        return np.stack(
            [
                confusion_matrix(labels[band_of == band], predictions[band_of == band], num_classes)
                for band in range(len(self.bands))
            ]
        )

    def compute_metrics(self, results: list[tuple[str, np.ndarray]]) -> dict[str, float]:
        """Return ``miou``, ``accuracy``, ``class_accuracy``, ``iou/CLASS``, ``miou/BAND``.

        Values are from 0 to 1; what is not defined, a class that never occurs or a band without a
        labelled point, is not there. A table is logged.

        Raises:
            InputError: if no sweep has a labelled point.
        """
        classes = self.dataset_meta['classes']
        empty = np.zeros((len(self.bands), len(classes), len(classes)), dtype=np.int64)
        by_band = sum((counts for _, counts in results), start=empty)
        scores = {ALL: SegScores.of(by_band.sum(axis=0))}
        scores |= {
            band: SegScores.of(counts) for band, counts in zip(self.bands, by_band, strict=True)
        }
        overall = scores[ALL]
        if not overall.num_points:
            raise InputError(
                f'none of the {len(results)} sweeps has a labelled point: there is nothing to score'
            )
        print_log(describe(scores, classes), logger='current')
        self.report = {**report_of(scores, classes), CONFUSION: confusion_by_scene(results)}
        metrics = {
            'miou': overall.miou,
            'accuracy': overall.accuracy,
            'class_accuracy': overall.class_accuracy,
            **{
                f'iou/{name}': float(value)
                for name, value in zip(classes, overall.iou, strict=True)
            },
            **{f'miou/{band}': scores[band].miou for band in self.bands},
        }
        return {name: value for name, value in metrics.items() if not math.isnan(value)}


def scene_of(sample: Mapping[str, Any]) -> str:
    """Name of the scene that a sample is of; of one without, the name of its sweep's file."""
    return sample.get('scene_name') or PurePath(sample.get('lidar_path') or 'unnamed').name


def confusion_by_scene(results: Sequence[tuple[str, np.ndarray]]) -> dict[str, list[list[int]]]:
    """Sum confusion matrices over the bands and sweeps of each scene.

    Args:
        results: the scene of each sweep, and its matrices, int64 (bands, K, K).

    Returns:
        Scene, in alphabetical order, to K lists of K Python integers, labels in rows.
    """
    by_scene: dict[str, np.ndarray] = {}
    for scene, counts in results:
        by_scene[scene] = by_scene.get(scene, 0) + counts.sum(axis=0)
    return {scene: by_scene[scene].tolist() for scene in sorted(by_scene)}


def report_of(scores: Mapping[str, SegScores], classes: Sequence[str]) -> dict[str, BandScores]:
    """All scores in plain types, for a JSON file; None stands for what is not defined.

    Args:
        scores: of all points under `ALL`, and of each band.
        classes: names of the classes.

    Returns:
        For each entry of `scores` a dict with ``iou`` (by class), ``miou``, ``accuracy``,
        ``class_accuracy``, ``num_points`` and ``absent``, the classes that never occur.
    """

    def plain(value: float) -> float | None:
        return None if math.isnan(value) else float(value)

    return {
        name: {
            'miou': plain(score.miou),
            'accuracy': plain(score.accuracy),
            'class_accuracy': plain(score.class_accuracy),
            'num_points': score.num_points,
            'absent': _absent(score, classes),
            'iou': {label: plain(value) for label, value in zip(classes, score.iou, strict=True)},
        }
        for name, score in scores.items()
    }


def describe(scores: Mapping[str, SegScores], classes: Sequence[str]) -> str:
    """A table with one column for all points and one a band, in %; names absent classes."""
    rows = [['IoU in %', *scores]]
    for number, name in enumerate(classes):
        rows.append([name, *(percent(score.iou[number]) for score in scores.values())])
    for title, field in (
        ('mIoU', 'miou'),
        ('accuracy', 'accuracy'),
        ('mean class accuracy', 'class_accuracy'),
    ):
        rows.append([title, *(percent(getattr(score, field)) for score in scores.values())])
    rows.append(['labelled points', *(f'{score.num_points:,}' for score in scores.values())])
    absent = _absent(scores[ALL], classes)
    note = ''
    if absent:
        note = (
            f'\nnever occurs, so left out of the mean (the published code counts an IoU of 1): '
            f'{", ".join(absent)}'
        )
    return f'\n{AsciiTable(rows).table}{note}'


def _absent(score: SegScores, classes: Sequence[str]) -> list[str]:
    return [name for name, value in zip(classes, score.iou, strict=True) if np.isnan(value)]
