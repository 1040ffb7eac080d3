"""Bicycles and motorcycles, parked or with their riders, who belong to the same solid."""

from __future__ import annotations

import numpy as np

from stslidr_city.catalog.categories import BICYCLE, MOTORCYCLE
from stslidr_city.catalog.figure import SIDES, add_figure, seated_joints
from stslidr_city.catalog.finishes import (
    BLACK_PLASTIC,
    CAR_COLOURS,
    CHROME,
    LAMP,
    PLATE,
    RUBBER,
    TAIL_LAMP,
    Finish,
    draw_finish,
)
from stslidr_city.catalog.model import Model, across
from stslidr_city.catalog.people import draw_adult, draw_outfit
from stslidr_city.solids.solids import Solid


def bicycle(rng: np.random.Generator, rider: bool = False) -> Solid:
    """A bicycle on its wheels, 13 to 14 parts, and up to 14 more for a rider."""
    model = Model()
    scale = float(rng.uniform(0.93, 1.06))
    add_bicycle(model, rng, scale)
    if rider:
        ankles = np.array([[0.0, 0.12, 0.22], [-0.12, -0.12, 0.46]])
        if rng.random() < 0.5:
            ankles[:, [0, 2]] = ankles[::-1, [0, 2]]
        _add_rider(
            model,
            rng,
            np.array([-0.26, 0, 1.0]) * scale,
            rng.uniform(0.35, 0.75),
            ankles,
            np.array([[0.36, y * 0.24, 1.03 * scale] for y in SIDES]),
            rng.random() < 0.5,
        )
    return model.solid(BICYCLE)


def motorcycle(rng: np.random.Generator, rider: bool = False) -> Solid:
    """A motorcycle or a motor scooter, 12 to 14 parts, and up to 14 more for a rider."""
    model = Model()
    scooter = rng.random() < 0.4
    scale = float(rng.uniform(0.94, 1.06))
    paint = draw_finish(rng, 'car_paint', CAR_COLOURS)
    (_add_scooter if scooter else _add_motorcycle)(model, rng, scale, paint)
    if rider:
        foot = 0.35 if scooter else 0.05
        ankles = np.array([[foot, y * 0.18, 0.38] for y in SIDES])
        hands = np.array([[0.42, y * 0.32, 1.06 * scale] for y in SIDES])
        _add_rider(
            model,
            rng,
            np.array([-0.3, 0, 0.94]) * scale,
            rng.uniform(0.1, 0.45),
            ankles,
            hands,
            rng.random() < 0.9,
        )
    return model.solid(MOTORCYCLE)


def add_bicycle(model: Model, rng: np.random.Generator, scale: float, y: float = 0.0) -> None:
    """Add a bicycle (13 to 14 parts) about (0, y), heading along x, 1.7 `scale` m long."""
    paint = draw_finish(rng, 'car_paint', CAR_COLOURS)
    wheel = 0.34 * scale
    rear, front = -0.51 * scale, 0.51 * scale
    for x in (rear, front):
        model.wheel(RUBBER, x, (y - 0.016, y + 0.016), wheel)
        model.frustum(CHROME, (x, y - 0.019, wheel), (x, y + 0.019, wheel), 0.87 * wheel)
    at = {
        'crank': (-0.05, 0.30),
        'saddle': (-0.22, 0.88),
        'head': (0.33, 0.86),
        'grip': (0.30, 1.0),
        'rear': (-0.51, 0.34),
        'front': (0.51, 0.34),
        'seat': (-0.17, 0.76),
    }
    joint = {name: np.array([x * scale, y, z * scale]) for name, (x, z) in at.items()}
    tubes = [
        ('crank', 'saddle', 0.02),
        ('crank', 'head', 0.025),
        ('rear', 'crank', 0.018),
        ('rear', 'seat', 0.016),
        ('front', 'grip', 0.022),
    ]
    if rng.random() < 0.6:  # no crossbar on a city bicycle
        tubes.append(('seat', 'head', 0.02))
    for start, end, radius in tubes:
        model.frustum(paint, joint[start], joint[end], radius)
    half = float(rng.uniform(0.24, 0.33))
    model.frustum(CHROME, joint['grip'] + (0, -half, 0), joint['grip'] + (0, half, 0), 0.017)
    model.ellipsoid(BLACK_PLASTIC, joint['saddle'] + (-0.02, 0, 0.03), (0.14, 0.08, 0.04))
    model.box(
        TAIL_LAMP,
        (rear - 0.38 * scale, rear - 0.33 * scale),
        (y - 0.03, y + 0.03),
        (0.5 * scale, 0.56 * scale),
    )
    _add_luggage(model, rng, joint['front'], y)


def _add_luggage(model: Model, rng: np.random.Generator, front: np.ndarray, y: float) -> None:
    """Add a basket over the front wheel, or a lamp there (1 part)."""
    x, _, z = front
    if rng.random() < 0.3:
        basket = draw_finish(rng, str(rng.choice(['metal', 'wood', 'plastic'])))
        model.box(basket, (x - 0.12, x + 0.24), (y - 0.16, y + 0.16), (z + 0.38, z + 0.62))
    else:
        model.box(LAMP, (x - 0.12, x - 0.06), (y - 0.035, y + 0.035), (z + 0.42, z + 0.5))


def _add_motorcycle(model: Model, rng: np.random.Generator, scale: float, paint: Finish) -> None:
    """Wheels, fork, engine, tank, seat, tail, bar, lamp, exhaust and plate (14 parts)."""
    wheel = 0.32 * scale
    rear, front = -0.70 * scale, 0.72 * scale
    model.wheel(RUBBER, rear, across(0.18), wheel)
    model.wheel(RUBBER, front, across(0.13), wheel)
    for y in SIDES:
        model.frustum(CHROME, (front, y * 0.1, wheel), (0.42 * scale, y * 0.1, 0.98 * scale), 0.03)
    metal = draw_finish(rng, 'metal', ('grey', 'black', 'silver'))
    model.prism(metal, [(-0.38, 0.25), (0.3, 0.25), (0.42, 0.6), (-0.35, 0.6)], across(0.34))
    model.ellipsoid(paint, (0.18, 0, 0.8 * scale), (0.33, 0.17, 0.17))
    seat = draw_finish(rng, 'plastic', ('black', 'brown'))
    model.prism(
        seat,
        [(-0.8 * scale, 0.72), (0.0, 0.66), (-0.05, 0.82 * scale), (-0.8 * scale, 0.9 * scale)],
        across(0.27),
    )
    model.prism(
        paint, [(-0.98 * scale, 0.78), (-0.6, 0.55), (-0.45, 0.72), (-0.75, 0.86)], across(0.2)
    )
    half = float(rng.uniform(0.36, 0.42))
    model.frustum(
        CHROME, (0.4 * scale, -half, 1.06 * scale), (0.4 * scale, half, 1.06 * scale), 0.022
    )
    model.ellipsoid(LAMP, (0.6 * scale, 0, 0.92 * scale), (0.1, 0.1, 0.1))
    if rng.random() < 0.5:
        model.prism(
            paint,
            [
                (0.4, 0.8 * scale),
                (0.68 * scale, 0.7),
                (0.72 * scale, 0.9 * scale),
                (0.45, 1.22 * scale),
            ],
            across(0.34),
        )
    model.frustum(CHROME, (-0.95 * scale, -0.2, 0.42), (0.1, -0.2, 0.3), 0.055)
    model.box(TAIL_LAMP, (-1.0 * scale, -0.95 * scale), across(0.16), (0.74, 0.82))
    model.box(PLATE, (-1.03 * scale, -1.01 * scale), across(0.2), (0.5, 0.66))


def _add_scooter(model: Model, rng: np.random.Generator, scale: float, paint: Finish) -> None:
    """Small wheels, a leg shield, a floor, a body under the seat, bar and lamp (12 parts)."""
    wheel = 0.24 * scale
    rear, front = -0.62 * scale, 0.66 * scale
    for x in (rear, front):
        model.wheel(RUBBER, x, across(0.12), wheel)
    model.prism(
        paint,
        [
            (-0.95 * scale, 0.55),
            (-0.7 * scale, 0.3),
            (-0.1, 0.26),
            (-0.1, 0.7),
            (-0.9 * scale, 0.78),
        ],
        across(0.36),
    )
    model.box(BLACK_PLASTIC, (-0.15, 0.42), across(0.36), (0.22, 0.3))
    model.prism(
        paint,
        [(0.36, 0.24), (0.5, 0.24), (0.46 * scale, 1.0 * scale), (0.34, 0.95 * scale)],
        across(0.42),
    )
    model.frustum(CHROME, (front, 0, wheel), (0.42 * scale, 0, 1.0 * scale), 0.04)
    model.ellipsoid(paint, (front, 0, 0.36 * scale), (0.3, 0.1, 0.2))
    seat = draw_finish(rng, 'plastic', ('black', 'brown', 'grey'))
    model.box(seat, (-0.85 * scale, -0.12), across(0.28), (0.76, 0.86))
    model.frustum(
        CHROME, (0.4 * scale, -0.36, 1.04 * scale), (0.4 * scale, 0.36, 1.04 * scale), 0.025
    )
    model.ellipsoid(LAMP, (0.46 * scale, 0, 1.0 * scale), (0.1, 0.11, 0.1))
    model.box(PLATE, (-0.99 * scale, -0.96 * scale), across(0.2), (0.45, 0.6))
    box = draw_finish(rng, 'plastic', CAR_COLOURS)
    model.box(box, (-1.02 * scale, -0.66 * scale), across(0.38), (0.86, 1.18))


def _add_rider(
    model: Model,
    rng: np.random.Generator,
    pelvis: np.ndarray,
    lean: float,
    ankles: np.ndarray,
    hands: np.ndarray,
    helmet: bool,
) -> None:
    """Add whoever rides (12 to 14 parts)."""
    person = draw_adult(rng)._replace(girth=1.0)
    outfit = draw_outfit(rng)._replace(skirt=False)
    if helmet:
        outfit = outfit._replace(hair=draw_finish(rng, 'plastic', CAR_COLOURS))
    add_figure(model, person, seated_joints(person, pelvis, float(lean), ankles, hands), outfit)
