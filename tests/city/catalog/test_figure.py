"""Bodies: bones keep their lengths, soles stand on the ground, heights are what was asked for."""

from __future__ import annotations

import numpy as np
import pytest

from stslidr_city.catalog.categories import ADULT
from stslidr_city.catalog.figure import (
    ARM,
    BONE,
    HIPS,
    SOLE,
    TRUNK,
    Person,
    add_figure,
    arm_roots,
    seated_joints,
    walking_joints,
)
from stslidr_city.catalog.model import Model
from stslidr_city.catalog.people import draw_outfit

PHASES = np.linspace(0, 2 * np.pi, 13)


def hips_of(person, joints):
    return joints.pelvis + np.array([[0, side * HIPS, 0] for side in (1, -1)]) * person.height


def lengths(first, second):
    return np.linalg.norm(np.asarray(second) - first, axis=1)


@pytest.mark.parametrize('phase', PHASES)
@pytest.mark.parametrize('stride', [0.0, 0.3, 0.5])
def test_walking_keeps_the_bones_and_stands_on_the_ground(phase, stride):
    person = Person(1.8)
    joints = walking_joints(person, phase, stride)
    assert np.allclose(lengths(hips_of(person, joints), joints.knees), BONE * 1.8)
    assert np.allclose(lengths(joints.knees, joints.ankles), BONE * 1.8)
    assert joints.ankles[:, 2].min() == pytest.approx(SOLE * 1.8)
    assert np.allclose(joints.ankles[:, 1], [HIPS * 1.8, -HIPS * 1.8])


def test_legs_and_arms_swing_against_each_other():
    joints = walking_joints(Person(1.8), np.pi / 2, 0.4)
    assert joints.knees[0, 0] > 0 > joints.knees[1, 0]
    assert joints.elbows[0, 0] < joints.elbows[1, 0]


def test_knees_bend_backwards_only():
    """A foot is never before the line that leads on from hip to knee."""
    for phase in PHASES:
        person = Person(1.7)
        joints = walking_joints(person, phase, 0.5)
        thighs, shins = joints.knees - hips_of(person, joints), joints.ankles - joints.knees
        turn = thighs[:, 0] * shins[:, 2] - thighs[:, 2] * shins[:, 0]  # y of the cross product
        assert (turn <= 1e-9).all()


@pytest.mark.parametrize('height', [1.1, 1.55, 1.9])
def test_a_standing_figure_is_as_tall_as_asked(height):
    model, person = Model(), Person(height)
    outfit = draw_outfit(np.random.default_rng(0))
    add_figure(model, person, walking_joints(person, 0.5, 0.05), outfit)
    low, high = model.solid(ADULT).bounds
    assert low[2] == pytest.approx(0, abs=1e-9)
    assert high[2] == pytest.approx(height, rel=0.03)


def test_seated_limbs_reach_their_ends_with_bones_of_one_length():
    person = Person(1.8)
    pelvis = np.array([0.1, 0, 0.9])
    ankles = np.array([[0.35, 0.1, 0.2], [0.2, -0.1, 0.45]])
    hands = np.array([[0.5, 0.2, 1.1], [0.5, -0.2, 1.1]])
    joints = seated_joints(person, pelvis, 0.4, ankles, hands)
    assert np.linalg.norm(joints.neck - pelvis) == pytest.approx(TRUNK * 1.8)
    for start, middle, end, bone in (
        (hips_of(person, joints), joints.knees, ankles, BONE),
        (arm_roots(person, joints.neck), joints.elbows, hands, ARM),
    ):
        assert np.allclose(lengths(start, middle), bone * 1.8)
        assert np.allclose(lengths(middle, end), bone * 1.8)
    assert (joints.knees[:, 0] > (hips_of(person, joints) + ankles)[:, 0] / 2).all()
    assert (joints.elbows[:, 2] < (arm_roots(person, joints.neck) + hands)[:, 2] / 2).all()


def test_limbs_that_cannot_reach_are_straight():
    person = Person(1.5)
    far = np.array([[3.0, 0.1, 0.0], [3.0, -0.1, 0.0]])
    joints = seated_joints(person, np.array([0, 0, 1.0]), 0.0, far, far)
    assert np.allclose(joints.knees, (hips_of(person, joints) + far) / 2)
