"""Buses: a long body with bands of glass, doors on the right, and a lit destination sign."""

from __future__ import annotations

import numpy as np

from stslidr_city.catalog.categories import BUS_BENDY, BUS_RIGID
from stslidr_city.catalog.finishes import (
    BLACK_PLASTIC,
    CAR_COLOURS,
    COLOURS,
    GLASS,
    RUBBER,
    Finish,
    draw_finish,
)
from stslidr_city.catalog.model import Model, Span, across, draw_size
from stslidr_city.catalog.vehicle_parts import GAP, add_axles, add_lights, add_plates
from stslidr_city.solids.solids import Solid

LIVERIES = (*CAR_COLOURS, 'yellow', 'lime', 'teal', 'red', 'red')
WHEEL_RADIUS = 0.48
SIGN = Finish('lamp', 0, COLOURS['orange'])


def bus_rigid(rng: np.random.Generator) -> Solid:
    """A city bus, coach or double-decker of one section, at most 21 parts."""
    deck = rng.random() < 0.06
    width, length, height = draw_size(rng, (2.92, 11.2, 4.3 if deck else 3.42), 0.05)
    model = Model()
    body = -length / 2 + GAP, length / 2 - GAP
    paint = draw_finish(rng, 'car_paint', LIVERIES)
    _add_section(model, rng, body, width, height, paint)
    if deck:
        model.box(
            GLASS,
            (body[0] + 0.3, body[1] + 0.4 * GAP),
            across(width - 2 * GAP),
            (0.66 * height, 0.9 * height),
        )
    _add_front(model, body[1], width, height)
    _add_doors(model, (body[1] - 1.5, body[1] - 0.4 * length), width, height)
    add_axles(model, (0.5 * length - 2.6, -0.5 * length + 3.2), width, WHEEL_RADIUS)
    add_lights(model, length, width, (0.62, 0.82), (0.8, 1.1))
    add_plates(model, length, (0.42, 0.53))
    return model.solid(BUS_RIGID)


def bus_bendy(rng: np.random.Generator) -> Solid:
    """A bus of two sections that bellows link, stretched out straight, 25 parts."""
    width, length, height = draw_size(rng, (2.88, 18.0, 3.38), 0.03)
    model = Model()
    joint = length * rng.uniform(-0.06, 0.04)
    rear, front = (-length / 2 + GAP, joint - 0.6), (joint + 0.6, length / 2 - GAP)
    paint = draw_finish(rng, 'car_paint', LIVERIES)
    for body in (rear, front):
        _add_section(model, rng, body, width, height, paint)
    model.box(RUBBER, (rear[1], front[0]), across(width - 0.3), (0.45, height - 0.2))
    _add_front(model, front[1], width, height)
    _add_doors(model, (front[1] - 1.5, rear[1] - 2.2), width, height)
    add_axles(model, (0.5 * length - 2.7, front[0] + 1.4, -0.5 * length + 3.4), width, WHEEL_RADIUS)
    add_lights(model, length, width, (0.62, 0.82), (0.8, 1.1))
    return model.solid(BUS_BENDY)


def _add_section(
    model: Model, rng: np.random.Generator, x: Span, width: float, height: float, paint: Finish
) -> None:
    """Add a body, its windows on both sides and what stands on its roof (3 parts)."""
    roof = height - rng.uniform(0.12, 0.28)
    side = width / 2 - GAP
    corner = 0.25
    outline = [
        (-side, 0.32),
        (side, 0.32),
        (side, roof - corner),
        (side - corner, roof),
        (-side + corner, roof),
        (-side, roof - corner),
    ]
    model.hull(paint, [(end, y, z) for end in x for y, z in outline])
    sill = rng.uniform(0.36, 0.42) * height
    model.box(GLASS, (x[0] + 0.3, x[1] - 0.25), across(width - GAP), (sill, 0.72 * height))
    middle, half = (x[0] + x[1]) / 2, rng.uniform(0.15, 0.4) * (x[1] - x[0])
    unit = draw_finish(rng, 'plastic', ('white', 'grey', 'silver'))
    model.box(unit, (middle - half, middle + half), across(0.55 * width), (roof - 0.02, height))


def _add_front(model: Model, front: float, width: float, height: float) -> None:
    """Add a windscreen, a destination sign and a bumper (3 parts)."""
    model.box(
        GLASS, (front - 0.3, front + 0.5 * GAP), across(0.9 * width), (0.34 * height, 0.74 * height)
    )
    model.box(
        SIGN, (front - 0.1, front + 0.6 * GAP), across(0.6 * width), (0.76 * height, 0.83 * height)
    )
    model.box(
        BLACK_PLASTIC, (front - 0.2, front + 0.4 * GAP), across(width - 2 * GAP), (0.26, 0.58)
    )


def _add_doors(model: Model, fronts: tuple[float, ...], width: float, height: float) -> None:
    """Add a glass door (1 part) on the right side behind each x in `fronts`."""
    for x in fronts:
        model.box(
            GLASS, (x - 1.25, x), (-width / 2 + GAP / 4, -width / 2 + 0.1), (0.38, 0.7 * height)
        )
