"""Corruption of a sweep, to test how robust a trained model is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, cast

import numpy as np
import torch
from mmdet3d.structures.points import BasePoints

from stslidr.contracts.dataset import LabelledResults
from stslidr.core.seeding import derive_seed
from stslidr.corruptions.corrupt import check_names, corrupt
from stslidr.corruptions.returns import Corrupted, LidarReturns
from stslidr.dataset_records.registry import find_record
from stslidr.datasets.pipeline import Phase
from stslidr.datasets.transforms.intensity import INTENSITY, check_scaling, is_within
from stslidr.errors import InputError

RING = 4
"""Its column of the points, behind the intensity's."""
ROUNDING = 1e-4
"""How far beyond 0 and 1 rounding may bring an intensity."""
LABELS = 'pts_semantic_mask'


@dataclass
class CorruptSweep:
    """Corrupt the sweep as bad weather or a bad sensor would; see docs/corruptions.md.

    Stands after loading (and after MMDetection3D's `PointSegClassMapping`, since labels must be
    those of the classes) and before everything that moves points. `points` has the columns x, y,
    z, intensity and, if there is a fifth, the ring; without one, rings follow from elevations.
    Labels, where there are any, stay aligned with the points; those of noise are ignored.

    The draws follow from ``seed``, ``kind`` and the sweep itself alone.

    Args:
        kind: 'fog', 'snow', 'motion_blur', 'beam_missing', 'crosstalk', 'incomplete_echo' (needs
            labels), 'cross_sensor' or 'wet_ground'.
        severity: 'light', 'moderate' or 'heavy'.
        seed: in [0, 2**32).
        profile: name of a data set's record, such as 'nuscenes' or 'semantickitti', whose sensor,
            classes and severities to take.
        intensity_scale: what loading has multiplied the file's intensity by.
        intensity_offset: what loading has added to it then.

    Raises:
        InputError: for an unknown name, a seed outside its range, a scale of 0 or that is not
            finite; when called, for points without intensity or with one that the profile's
            sensor does not give, a ring that it does not have, labels of another number than the
            points or not of the profile's classes, and `incomplete_echo` without labels.
    """

    phase: ClassVar[Phase] = Phase.LOAD
    requires: ClassVar[tuple[str, ...]] = ('points',)

    kind: str
    severity: str
    seed: int = 0
    profile: str = 'nuscenes'
    intensity_scale: float = 1.0
    intensity_offset: float = 0.0

    def __post_init__(self) -> None:
        """Check the settings."""
        check_names(self.kind, self.severity)
        found = find_record(self.profile).profile
        if found is None:
            raise InputError(f'data set {self.profile!r} has no profile for corruptions')
        self._sensor = found
        derive_seed(self.seed)
        check_scaling(
            self.intensity_scale, self.intensity_offset, type(self).__name__, 'intensity_'
        )

    def __call__(self, results: LabelledResults) -> LabelledResults:
        """Change ``points``, and ``pts_semantic_mask`` here and in ``eval_ann_info``."""
        parts: tuple[dict[str, Any], ...] = (
            cast('dict[str, Any]', results),
            results.get('eval_ann_info', {}),
        )
        annotated = [part for part in parts if part.get(LABELS) is not None]
        labels = [part[LABELS] for part in annotated]
        for each in labels:
            self._check_labels(each, len(results['points']))
        sweep = self._read(results['points'], labels[0] if labels else None)
        corrupted = corrupt(sweep, self.kind, self.severity, self._sensor, self.seed)
        results['points'] = self._write(results['points'], corrupted)
        results['num_stored_points'] = len(corrupted.source)  # those are all that is asked about
        for part in annotated:
            kept = part[LABELS][corrupted.source]
            kept[corrupted.noise] = self._sensor.ignored
            part[LABELS] = kept
        return results

    @property
    def _gain(self) -> float:
        """Intensity as loaded, less the offset, of the sensor's strongest return."""
        return self.intensity_scale * self._sensor.max_intensity

    def _read(self, points: BasePoints, labels: np.ndarray | None) -> LidarReturns:
        columns = points.tensor.numpy().astype(np.float64)
        if columns.shape[1] <= INTENSITY:
            raise InputError(
                f'CorruptSweep needs x, y, z and the intensity of each point, there are '
                f'{columns.shape[1]} columns'
            )
        intensity = (columns[:, INTENSITY] - self.intensity_offset) / self._gain
        if not is_within(intensity, -ROUNDING, 1 + ROUNDING):
            raise InputError(
                f'intensities from {columns[:, INTENSITY].min()} to {columns[:, INTENSITY].max()} '
                f'are not those of the profile {self.profile!r}, 0 to '
                f'{self._sensor.max_intensity}, times intensity_scale '
                f'{self.intensity_scale}, plus intensity_offset {self.intensity_offset}'
            )
        return LidarReturns(columns[:, :3], np.clip(intensity, 0, 1), self._rings(columns), labels)

    def _rings(self, columns: np.ndarray) -> np.ndarray:
        """Beam of each point, int64 (N,): the fifth column, or the nearest elevation."""
        profile = self._sensor
        if columns.shape[1] <= RING:
            return profile.rings(columns[:, :3])
        rings = columns[:, RING].astype(np.int64)
        if np.any((rings != columns[:, RING]) | (rings < 0) | (rings >= len(profile.elevations))):
            raise InputError(
                f'the fifth column of points must be the ring, 0 to {len(profile.elevations) - 1} '
                f'for the profile {self.profile!r}'
            )
        return rings

    def _write(self, points: BasePoints, corrupted: Corrupted) -> BasePoints:
        columns = points.tensor[torch.from_numpy(corrupted.source)].clone()
        columns[:, :3] = torch.from_numpy(corrupted.xyz)
        columns[:, INTENSITY] = torch.from_numpy(
            corrupted.intensity * self._gain + self.intensity_offset
        )
        return points.new_point(columns)

    def _check_labels(self, labels: np.ndarray, num_points: int) -> None:
        if len(labels) != num_points:
            raise InputError(f'{len(labels)} labels for {num_points} points')
        ignored = self._sensor.ignored
        if num_points and labels.max() > ignored:
            raise InputError(
                f'label {labels.max()} is none of the profile {self.profile!r}, whose highest is '
                f'{ignored} (ignored): CorruptSweep stands after PointSegClassMapping'
            )
