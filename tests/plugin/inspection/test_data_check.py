"""What only shows among samples: cameras out of place, copies, changes."""

import numpy as np
import pytest

from stslidr.inspection.data_check import SHOWN, DataReport, off_the_usual
from stslidr.inspection.keyframe_check import Finding


def turn(degrees, axis=2):
    """A rotation (3, 3) about an axis."""
    cos, sin = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    first, second = [other for other in range(3) if other != axis]
    rotation = np.eye(3)
    rotation[[first, first, second, second], [first, second, first, second]] = cos, -sin, sin, cos
    return rotation


def pose(rotation, place):
    """LiDAR to camera, for a camera at a place in the LiDAR's frame."""
    matrix = np.eye(4)
    matrix[:3, :3] = rotation
    matrix[:3, 3] = -rotation @ place
    return matrix


@pytest.mark.parametrize('number', [3, 50, 400])
def test_one_that_is_turned_stands_out(number):
    rng = np.random.default_rng(number)
    base, place = turn(70), np.array([1.0, 2, 3])
    poses = np.stack([pose(base @ turn(rng.normal(0, 1)), place) for _ in range(number)])
    poses[1] = pose(base @ turn(40, axis=0), place + (5, 0, 0))
    angles, distances = off_the_usual(poses)
    others = np.arange(number) != 1
    assert angles[1] == pytest.approx(40, abs=4) and distances[1] == pytest.approx(5)
    assert angles[others].max() < 8 and distances[others].max() < 1e-9


def test_a_single_sample_is_usual():
    angles, distances = off_the_usual(pose(turn(30), np.ones(3))[None])
    assert angles == pytest.approx([0], abs=1e-5) and distances == pytest.approx([0])


def test_the_report_counts_and_cuts():
    findings = [Finding('image', f'image {number}') for number in range(SHOWN + 2)]
    report = DataReport(7, [*findings, Finding('pairs', 'none')], {'a': '0'})
    lines = list(report.lines())
    assert lines[0] == '7 samples, 1 files'
    assert sum('image 1' in line for line in lines) == 1  # of 1, 10 and 11
    assert '  ... and 2 more' in lines
    assert list(report.without(['image']).lines())[1].startswith('pairs: 1 ')
