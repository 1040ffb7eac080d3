"""All keyframes of an info file, checked in parallel: what is wrong with each, and among them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from stslidr.files.superpixel_maps import SuperpixelMaps
from stslidr.inspection.finding_kinds import KINDS
from stslidr.inspection.keyframe_check import CheckedKeyframe, Finding, check_keyframe
from stslidr.inspection.keyframe_files import KeyframeFiles
from stslidr.text import shorten
from stslidr.tooling.processes import run_parallel
from stslidr.tooling.progress import show_progress

TURNED, MOVED = 10.0, 3.0
"""Degrees and metres that lidar2cam may be off the usual of its camera: vehicles of a fleet differ,
and so do the moments at which LiDAR and camera see the world."""
SHOWN = 10
"""Findings of a kind that are printed."""


@dataclass(frozen=True)
class DataReport:
    """What the check of a data set has found.

    Attributes:
        num_samples: that were looked at.
        findings: by sample in the order of the info file, then those among samples.
        hashes: file, below the data set's folder where it lies there -> SHA-256.
    """

    num_samples: int
    findings: list[Finding]
    hashes: dict[str, str]

    def without(self, kinds: Collection[str]) -> DataReport:
        """The report without the findings of some kinds."""
        left = [finding for finding in self.findings if finding.kind not in kinds]
        return replace(self, findings=left)

    def lines(self) -> Iterator[str]:
        """The findings of each kind, the first `SHOWN` of them, as text for people."""
        yield f'{self.num_samples} samples, {len(self.hashes)} files'
        for kind, meaning in KINDS.items():
            found = [finding.text for finding in self.findings if finding.kind == kind]
            if found:
                yield f'{kind}: {len(found)} ({meaning})'
                yield from (f'  {text}' for text in found[:SHOWN])
                if len(found) > SHOWN:
                    yield f'  ... and {len(found) - SHOWN} more'

    def as_json(self) -> dict[str, Any]:
        """All findings, in plain types."""
        return {
            'samples': self.num_samples,
            'files': len(self.hashes),
            'findings': [finding._asdict() for finding in self.findings],
        }


def check_data(
    keyframes: Sequence[KeyframeFiles],
    maps: SuperpixelMaps | None,
    workers: int,
    known: Mapping[str, str] | None = None,
) -> DataReport:
    """Check keyframes in parallel, with a progress bar.

    Args:
        keyframes: at least one, of one data set.
        maps: the superpixel maps of their images, None to leave them out.
        workers: processes; 1: this one.
        known: hashes of an earlier check, to compare with.

    Raises:
        WorkerDiedError: if a process is killed.
    """
    numbered = [_Numbered(number, keyframe) for number, keyframe in enumerate(keyframes)]
    task = partial(_check, maps=maps)
    results = run_parallel(task, numbered, workers) if workers > 1 else map(task, numbered)
    found = dict(show_progress(results, len(keyframes), 0, 'samples'))
    checked = [found[number] for number in range(len(keyframes))]
    findings = [finding for each in checked for finding in each.findings]
    findings += [*_turned_cameras(checked), *_copies(checked)]
    root = keyframes[0].root
    hashes = {
        _below(path, root): digest for each in checked for path, digest in each.hashes.items()
    }
    if known is not None:
        findings += _changes(hashes, known)
    return DataReport(len(keyframes), findings, hashes)


class _Numbered(NamedTuple):
    number: int
    keyframe: KeyframeFiles

    def __str__(self) -> str:
        """What a message about a worker that died names."""
        return self.keyframe.entry.where


def _check(item: _Numbered, maps: SuperpixelMaps | None) -> tuple[int, CheckedKeyframe]:
    return item.number, check_keyframe(item.keyframe, maps)


def _turned_cameras(checked: Sequence[CheckedKeyframe]) -> Iterator[Finding]:
    """Samples in which a camera is not where it is in the others."""
    names = dict.fromkeys(name for each in checked for name in each.lidar2cam)
    for name in names:
        places = [each.where for each in checked if name in each.lidar2cam]
        poses = np.stack([each.lidar2cam[name] for each in checked if name in each.lidar2cam])
        angles, distances = off_the_usual(poses)
        for where, angle, distance in zip(places, angles, distances, strict=True):
            if angle > TURNED or distance > MOVED:
                yield Finding(
                    'calibration',
                    f'{where}, {name}: its lidar2cam is turned by {angle:.0f} degrees and moved by '
                    f'{distance:.1f} m against the usual one of this camera',
                )


def off_the_usual(poses: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """How far poses are turned and moved from the one in their middle.

    That is the pose with the smallest median of angles to some others, and the median of the
    cameras' places in the LiDAR's frame.

    Args:
        poses: (N, 4, 4), LiDAR to camera, metres.

    Returns:
        degrees (N,) and metres (N,).
    """
    rotations = poses[:, :3, :3]
    candidates = rotations[np.linspace(0, len(poses) - 1, min(len(poses), 101)).astype(int)]
    middle = min(candidates, key=lambda each: float(np.median(_angles(candidates, each))))
    places = -np.einsum('nji,nj->ni', rotations, poses[:, :3, 3])
    return _angles(rotations, middle), np.linalg.norm(places - np.median(places, axis=0), axis=1)


def _angles(rotations: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    """Degrees between rotations (N, 3, 3) and another (3, 3)."""
    traces = np.einsum('nij,ij->n', rotations, other)
    angles: NDArray[np.float64] = np.degrees(np.arccos(np.clip((traces - 1) / 2, -1, 1)))
    return angles


def _copies(checked: Sequence[CheckedKeyframe]) -> Iterator[Finding]:
    """Files of the same content, and samples of the same sweep."""
    files: dict[str, dict[str, None]] = {}
    sweeps: dict[str, list[str]] = {}
    for each in checked:
        if each.sweep is not None:
            sweeps.setdefault(each.sweep, []).append(each.where)
        for path, digest in each.hashes.items():
            if path not in each.plain:
                files.setdefault(digest, {})[path] = None
    for sweep, places in sweeps.items():
        if len(places) > 1:
            yield Finding('copies', f'{len(places)} samples have the sweep {sweep}: {places[0]}')
    for paths in files.values():
        if len(paths) > 1:
            yield Finding(
                'copies', f'{len(paths)} files have the same content: {shorten(paths, SHOWN)}'
            )


def _changes(hashes: Mapping[str, str], known: Mapping[str, str]) -> Iterator[Finding]:
    for name, digest in sorted(hashes.items()):
        if name not in known:
            yield Finding('changed', f'{name} is not among the hashes')
        elif known[name] != digest:
            yield Finding('changed', f'{name} is another file than its hash says')


def _below(path: str, root: Path) -> str:
    """The path from the data set's folder, or as it is where it lies elsewhere."""
    try:
        return Path(path).relative_to(root).as_posix()
    except ValueError:
        return str(Path(path).resolve())
