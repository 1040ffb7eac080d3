"""A human body from its joints: people on foot, riders and whoever sits.

Lengths of the body are given in heights of the person.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from stslidr_city.catalog.finishes import Finish
from stslidr_city.catalog.model import Model

BONE = 0.245  # thigh and shin
ARM = 0.17  # upper arm and forearm
TRUNK = 0.30  # pelvis to shoulders
SOLE = 0.045  # ankle above the ground
HIPS = 0.05  # half the distance of the hips
SHOULDERS = 0.115
SIDES = (1, -1)  # left and right, in y


class Joints(NamedTuple):
    """Where a body's joints are, metres; pairs (2, 3) hold left and right."""

    pelvis: np.ndarray
    neck: np.ndarray
    knees: np.ndarray
    ankles: np.ndarray
    elbows: np.ndarray
    hands: np.ndarray


class Person(NamedTuple):
    """Who a body belongs to.

    Args:
        height: metres.
        girth: width of the body, 1 on average.
        head: size of the head, 1 for adults.
    """

    height: float
    girth: float = 1.0
    head: float = 1.0


class Outfit(NamedTuple):
    """What a person wears.

    Args:
        top: on the trunk and the upper arms.
        trousers: on hips and legs.
        shoes: on the feet.
        skin: of the head.
        hair: on the head; a hat or a helmet as well.
        sleeves: on the forearms; None for straight arms of `top` in one part each.
        band: a stripe round the trunk, or None.
        skirt: whether `trousers` is a skirt or coat down to the knees over legs of `skin`.
    """

    top: Finish
    trousers: Finish
    shoes: Finish
    skin: Finish
    hair: Finish
    sleeves: Finish | None = None
    band: Finish | None = None
    skirt: bool = False


def add_figure(model: Model, person: Person, joints: Joints, outfit: Outfit) -> None:
    """Add a person: 12 parts, 2 less with a skirt, 2 more with `sleeves`, 1 more with a `band`."""
    _add_trunk(model, person, joints, outfit)
    _add_head(model, person, joints, outfit)
    _add_legs(model, person, joints, outfit)
    _add_arms(model, person, joints, outfit)


def walking_joints(person: Person, phase: float, stride: float) -> Joints:
    """A body in mid-stride on the ground.

    Args:
        person: whose.
        phase: of the stride, radians; the left leg swings forward about 0.
        stride: angle by which the thighs swing, radians; about 0 while standing.
    """
    height = person.height
    hips = np.array([[0, side * HIPS * person.girth, 0] for side in SIDES]) * height
    swing = np.array([phase, phase + np.pi])
    thigh = stride * np.sin(swing)
    shin = thigh - 0.05 - 1.4 * stride * np.clip(np.cos(swing + 0.4), 0, None) ** 2
    knees = hips + BONE * height * _downward(thigh)
    ankles = knees + BONE * height * _downward(shin)
    lift = np.array([0, 0, SOLE * height - ankles[:, 2].min()])
    pelvis = lift
    neck = pelvis + height * TRUNK * np.array([0.1 * stride, 0, 1])
    elbows = arm_roots(person, neck) + ARM * height * _downward(-0.9 * thigh)
    hands = elbows + ARM * height * _downward(-0.9 * thigh + 0.3)
    elbows[:, 1] += 0.035 * height * np.array(SIDES)
    hands[:, 1] += 0.055 * height * np.array(SIDES)
    return Joints(pelvis, neck, knees + lift, ankles + lift, elbows, hands)


def seated_joints(
    person: Person, pelvis: np.ndarray, lean: float, ankles: np.ndarray, hands: np.ndarray
) -> Joints:
    """A body whose pelvis (3,), ankles (2, 3) and hands (2, 3) are given, metres.

    Args:
        person: whose.
        pelvis: between the hips.
        lean: angle by which the trunk leans forward, radians.
        ankles: left and right.
        hands: left and right.
    """
    height = person.height
    neck = pelvis + TRUNK * height * np.array([np.sin(lean), 0, np.cos(lean)])
    hips = pelvis + np.array([[0, side * HIPS, 0] for side in SIDES]) * height
    knees = _bend(hips, ankles, BONE * height, np.array([1, 0, 0.5]))
    elbows = _bend(arm_roots(person, neck), hands, ARM * height, np.array([-0.6, 0, -1]))
    return Joints(pelvis, neck, knees, ankles, elbows, hands)


def arm_roots(person: Person, neck: np.ndarray) -> np.ndarray:
    """Shoulder joints (2, 3) of a body whose neck is at (3,)."""
    reach = SHOULDERS * person.girth
    return neck + np.array([[0, side * reach, -0.03] for side in SIDES]) * person.height


def _downward(angles: np.ndarray) -> np.ndarray:
    """Unit vectors (N, 3) that point down, turned forward by `angles`."""
    return np.stack([np.sin(angles), np.zeros_like(angles), -np.cos(angles)], axis=1)


def _bend(start: np.ndarray, end: np.ndarray, bone: float, towards: np.ndarray) -> np.ndarray:
    """Joints (2, 3) between two bones of one length, bent to the side of `towards` (3,)."""
    chord = np.linalg.norm(end - start, axis=1, keepdims=True)
    depth = np.sqrt(np.clip(bone**2 - chord**2 / 4, 0, None))
    along = (end - start) / chord
    aside = towards - (along @ towards)[:, None] * along
    return (start + end) / 2 + depth * aside / np.linalg.norm(aside, axis=1, keepdims=True)


def _add_trunk(model: Model, person: Person, joints: Joints, outfit: Outfit) -> None:
    """Add chest, band, and hips or skirt."""
    height, girth = person.height, person.girth
    spine = joints.neck - joints.pelvis
    rings = ((0.1, 0.085, 0.06), (0.82, 0.115, 0.072), (1.0, 0.08, 0.045), (1.15, 0.03, 0.03))
    model.hull(
        outfit.top,
        np.concatenate(
            [_ring(joints, height, at, girth * width, girth * depth) for at, width, depth in rings]
        ),
    )
    if outfit.band is not None:
        model.hull(
            outfit.band,
            np.concatenate(
                [
                    _ring(joints, height, at, girth * width, girth * depth)
                    for at, width, depth in ((0.42, 0.102, 0.069), (0.55, 0.107, 0.073))
                ]
            ),
        )
    if outfit.skirt:
        hem = np.array([joints.knees[:, 0].mean(), 0, joints.knees[:, 2].mean()])
        spread = np.abs(joints.knees[:, 0] - hem[0]).max() + 0.09 * height
        model.frustum(
            outfit.trousers, hem, joints.pelvis + 0.3 * spine, spread, 0.09 * girth * height
        )
    else:
        model.ellipsoid(
            outfit.trousers, joints.pelvis, height * girth * np.array([0.066, 0.095, 0.078])
        )


def _ring(
    joints: Joints, height: float, at: float, half_width: float, half_depth: float
) -> np.ndarray:
    """A hexagon (6, 3) across the trunk, `at` 0 for the pelvis to 1 for the neck."""
    spine = joints.neck - joints.pelvis
    forward = np.array([spine[2], 0, -spine[0]]) / np.hypot(spine[0], spine[2])
    angles = np.arange(6) * np.pi / 3 + np.pi / 6
    left = np.array([0, 1.0, 0])
    return (
        joints.pelvis
        + at * spine
        + half_depth * height * np.cos(angles)[:, None] / np.cos(np.pi / 6) * forward
        + half_width * height * np.sin(angles)[:, None] * left
    )


def _add_head(model: Model, person: Person, joints: Joints, outfit: Outfit) -> None:
    """Add a head, and hair or a hat on its upper and rear half."""
    spine = joints.neck - joints.pelvis
    scale = person.height * person.head
    upright = np.array([0.3 * spine[0], 0, spine[2]])  # the gaze stays level
    middle = joints.neck + 0.11 * scale * upright / np.linalg.norm(upright)
    model.ellipsoid(outfit.skin, middle, scale * np.array([0.056, 0.044, 0.066]))
    model.ellipsoid(
        outfit.hair,
        middle + scale * np.array([-0.012, 0, 0.018]),
        scale * np.array([0.058, 0.05, 0.056]),
    )


def _add_legs(model: Model, person: Person, joints: Joints, outfit: Outfit) -> None:
    """Add thighs, unless a skirt hides them, shins and shoes."""
    height, girth = person.height, person.girth
    legs = outfit.skin if outfit.skirt else outfit.trousers
    for side, knee, ankle in zip(SIDES, joints.knees, joints.ankles, strict=True):
        hip = joints.pelvis + np.array([0, side * HIPS * girth * height, 0])
        if not outfit.skirt:
            model.frustum(legs, hip, knee, 0.05 * girth * height, 0.036 * height)
        model.frustum(legs, knee, ankle, 0.036 * height, 0.024 * height)
        model.ellipsoid(
            outfit.shoes,
            ankle + height * np.array([0.032, 0, -0.019]),
            height * np.array([0.075, 0.028, SOLE - 0.019]),
        )


def _add_arms(model: Model, person: Person, joints: Joints, outfit: Outfit) -> None:
    """Add upper arms and forearms, or straight arms."""
    height = person.height
    roots = arm_roots(person, joints.neck)
    for root, elbow, hand in zip(roots, joints.elbows, joints.hands, strict=True):
        if outfit.sleeves is None:
            model.frustum(outfit.top, root, hand, 0.031 * height, 0.02 * height)
            continue
        model.frustum(outfit.top, root, elbow, 0.031 * height, 0.026 * height)
        model.frustum(outfit.sleeves, elbow, hand, 0.024 * height, 0.019 * height)
