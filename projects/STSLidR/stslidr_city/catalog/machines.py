"""Construction vehicles: excavator, wheel loader, roller and bulldozer."""

from __future__ import annotations

import numpy as np

from stslidr_city.catalog.categories import CONSTRUCTION_VEHICLE
from stslidr_city.catalog.finishes import (
    COLOURS,
    GLASS,
    MACHINE_COLOURS,
    RUBBER,
    Finish,
    draw_finish,
)
from stslidr_city.catalog.model import Model, Span, across, both_sides, draw_size
from stslidr_city.solids.solids import Solid

STEEL = Finish('metal', 0, COLOURS['grey'])
TRACK = Finish('metal', 0, COLOURS['black'])
MEAN_SIZE = (2.73, 6.4, 3.2)


def construction_vehicle(rng: np.random.Generator) -> Solid:
    """An excavator, wheel loader, roller or bulldozer, at most 15 parts.

    An excavator's arm is folded, as on a street, and counts for the size.
    """
    build = MACHINES[rng.choice(len(MACHINES), p=MACHINE_SHARES)]
    model = Model()
    build(model, rng, draw_finish(rng, 'car_paint', MACHINE_COLOURS))
    return model.solid(CONSTRUCTION_VEHICLE)


def _excavator(model: Model, rng: np.random.Generator, paint: Finish) -> None:
    width, length, height = draw_size(rng, MEAN_SIZE, 0.08) * (1, 1.08, 1.05)
    rear = -length / 2
    house = rear + 0.48 * length
    for side in both_sides(width / 2 - 0.55, width / 2):
        _add_track(model, (rear + 0.3, rear + 0.6 * length), side, 0.28 * height)
    model.box(STEEL, (rear + 0.8, house), across(width - 1.0), (0.15 * height, 0.34 * height))
    model.prism(
        paint,
        [
            (rear, 0.4 * height),
            (rear + 0.2, 0.34 * height),
            (house, 0.34 * height),
            (house, 0.6 * height),
            (rear + 0.3, 0.64 * height),
            (rear, 0.58 * height),
        ],
        across(0.9 * width),
    )
    _add_cabin(
        model,
        paint,
        (house - 0.5, house + 1.0),
        (0.05 * width, 0.45 * width),
        (0.36 * height, 0.92 * height),
    )
    elbow = rear + rng.uniform(0.72, 0.8) * length, height - 0.25
    hand = rear + rng.uniform(0.86, 0.9) * length, rng.uniform(0.3, 0.45) * height
    _add_beam(model, paint, (house - 0.4, 0.5 * height), elbow, (0.26, 0.2), -0.16 * width)
    _add_beam(model, paint, (elbow[0] - 0.1, elbow[1] + 0.05), hand, (0.2, 0.14), -0.16 * width)
    x, z = hand
    model.prism(
        STEEL,
        [(x - 0.75, z - 0.5), (x - 0.1, z - 0.8), (x + 0.25, z - 0.35), (x, z + 0.1)],
        (-0.16 * width - 0.45, -0.16 * width + 0.45),
    )


def _wheel_loader(model: Model, rng: np.random.Generator, paint: Finish) -> None:
    width, length, height = draw_size(rng, MEAN_SIZE, 0.08) * (1, 1.06, 1.03)
    rear, front = -length / 2, length / 2
    wheel = 0.23 * height
    model.prism(
        paint,
        [
            (rear, 0.3 * height),
            (rear + 0.3, 0.2 * height),
            (0.25 * rear, 0.2 * height),
            (0.25 * rear, 0.58 * height),
            (rear + 0.15, 0.54 * height),
        ],
        across(0.6 * width),
    )
    model.box(
        paint,
        (0.25 * rear - 0.05, 0.45 * front),
        across(0.45 * width),
        (0.2 * height, 0.45 * height),
    )
    _add_cabin(
        model,
        paint,
        (0.35 * rear - 0.6, 0.35 * rear + 0.9),
        across(0.5 * width),
        (0.55 * height, height),
    )
    for x in (0.55 * rear, 0.38 * front):
        for side in both_sides(width / 2 - 0.65, width / 2 - 0.1):
            model.wheel(RUBBER, x, side, wheel)
    z = rng.uniform(0.3, 0.5)
    for y in (-0.16 * width, 0.16 * width):
        _add_beam(
            model, paint, (0.1 * front, 0.52 * height), (0.72 * front, z + 0.35), (0.16, 0.14), y
        )
    model.prism(
        STEEL,
        [
            (0.66 * front, z),
            (front, z - 0.15),
            (front - 0.05, z - 0.05),
            (0.78 * front, z + 0.85),
            (0.68 * front, z + 0.6),
        ],
        across(width),
    )


def _roller(model: Model, rng: np.random.Generator, paint: Finish) -> None:
    width, length, height = draw_size(rng, MEAN_SIZE, 0.08) * (0.92, 0.88, 0.97)
    rear, front = -length / 2, length / 2
    drum = 0.25 * height
    model.wheel(STEEL, front - drum, across(0.9 * width), drum)
    for side in both_sides(0.45 * width, 0.5 * width):
        model.box(paint, (front - 2.0 * drum, front - 0.6 * drum), side, (0.7 * drum, 1.3 * drum))
    model.prism(
        paint,
        [
            (rear, 0.28 * height),
            (rear + 0.2, 0.2 * height),
            (front - 2 * drum - 0.1, 0.2 * height),
            (front - 2 * drum - 0.1, 0.42 * height),
            (rear + 0.2, 0.52 * height),
        ],
        across(0.7 * width),
    )
    for side in both_sides(0.5 * width - 0.5, 0.5 * width - 0.05):
        model.wheel(RUBBER, rear + 0.28 * height + 0.1, side, 0.27 * height)
    seat = -0.08 * length
    if rng.random() < 0.5:
        _add_cabin(
            model, paint, (seat - 0.7, seat + 0.9), across(0.6 * width), (0.4 * height, height)
        )
        return
    for x in (seat - 0.6, seat + 0.8):
        model.box(STEEL, (x, x + 0.09), across(0.56 * width), (0.4 * height, 0.5 * height))
        for y in (-0.27 * width, 0.27 * width):
            model.frustum(STEEL, (x, y, 0.4 * height), (x, y, 0.97 * height), 0.045)
    model.box(paint, (seat - 0.75, seat + 1.0), across(0.64 * width), (0.955 * height, height))


def _bulldozer(model: Model, rng: np.random.Generator, paint: Finish) -> None:
    width, length, height = draw_size(rng, MEAN_SIZE, 0.08) * (1.08, 0.9, 0.97)
    rear, front = -length / 2, length / 2
    for side in both_sides(0.25 * width, 0.44 * width):
        _add_track(model, (rear + 0.5, front - 0.8), side, 0.33 * height)
        model.box(
            STEEL,
            (0.0, front - 0.15),
            (side[1] - 0.01, side[1] + 0.1),
            (0.16 * height, 0.24 * height),
        )
    model.prism(
        paint,
        [
            (rear + 0.5, 0.2 * height),
            (front - 0.9, 0.2 * height),
            (front - 0.9, 0.52 * height),
            (0.1 * front, 0.58 * height),
            (rear + 0.5, 0.5 * height),
        ],
        across(0.45 * width),
    )
    _add_cabin(
        model, paint, (0.5 * rear, 0.5 * rear + 1.5), across(0.5 * width), (0.5 * height, height)
    )
    model.prism(
        STEEL,
        [
            (front - 0.3, 0.05),
            (front, 0.02),
            (front - 0.12, 0.35 * height),
            (front - 0.3, 0.36 * height),
        ],
        across(width),
    )
    model.prism(
        STEEL,
        [
            (rear, 0.08 * height),
            (rear + 0.12, 0.08 * height),
            (rear + 0.6, 0.4 * height),
            (rear + 0.3, 0.45 * height),
        ],
        across(0.12 * width),
    )


MACHINES = (_excavator, _wheel_loader, _roller, _bulldozer)
MACHINE_SHARES = (0.45, 0.28, 0.15, 0.12)


def _add_track(model: Model, x: Span, y: Span, height: float) -> None:
    """Add a caterpillar track (1 part) of an octagonal side view."""
    (rear, front), cut = x, 0.3 * height
    model.prism(
        TRACK,
        [
            (rear + cut, 0),
            (front - cut, 0),
            (front, cut),
            (front, height - cut),
            (front - cut, height),
            (rear + cut, height),
            (rear, height - cut),
            (rear, cut),
        ],
        y,
    )


def _add_cabin(model: Model, paint: Finish, x: Span, y: Span, z: Span) -> None:
    """Add a cabin (3 parts): glass on a painted foot, under a roof."""
    foot, roof = z[0] + 0.3 * (z[1] - z[0]), z[1] - 0.1
    model.box(paint, x, y, (z[0], foot))
    model.box(GLASS, (x[0] + 0.04, x[1] - 0.04), (y[0] + 0.04, y[1] - 0.04), (foot, roof))
    model.box(paint, (x[0] - 0.03, x[1] + 0.05), y, (roof, z[1]))


def _add_beam(
    model: Model, finish: Finish, start: Span, end: Span, halves: tuple[float, float], y: float
) -> None:
    """Add a beam (1 part) from `start` to `end` in (x, z) whose half height goes over `halves`."""
    axis = np.subtract(end, start)
    normal = np.array([-axis[1], axis[0]]) / np.linalg.norm(axis)
    corners = [np.add(start, sign * halves[0] * normal) for sign in (-1, 1)]
    corners += [np.add(end, sign * halves[1] * normal) for sign in (1, -1)]
    model.prism(finish, [(float(x), float(z)) for x, z in corners], (y - 0.17, y + 0.17))
