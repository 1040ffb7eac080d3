"""Cars, police cars and the ego vehicle: a body, a glass cabin with a roof, wheels and lights."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from stslidr_city.catalog.categories import CAR, EGO_VEHICLE, POLICE_CAR
from stslidr_city.catalog.finishes import (
    BLACK_PLASTIC,
    CAR_COLOURS,
    CHROME,
    COLOURS,
    GLASS,
    Finish,
    draw_finish,
)
from stslidr_city.catalog.model import Model, Span, across, draw_size
from stslidr_city.catalog.vehicle_parts import GAP, add_axles, add_lights, add_plates
from stslidr_city.solids.solids import Solid


class CarShape(NamedTuple):
    """Proportions of a car: x in lengths from the rear end, z in heights from the ground.

    Args:
        size: mean width, length and height, metres.
        nose: z of the bonnet's front edge.
        cowl: (x, z) where the windscreen meets the bonnet.
        deck: (x, z) where the rear window meets the body.
        tail: z of the body's rear edge.
        belt: x from the rear to the front end of the cabin at its foot.
        roof: x from the rear to the front end of the roof.
        roof_width: width of the roof in widths of the car.
        rear_axle: x of the rear axle.
    """

    size: tuple[float, float, float]
    nose: float
    cowl: Span
    deck: Span
    tail: float
    belt: Span
    roof: Span
    roof_width: float
    rear_axle: float


HATCHBACK = CarShape(
    (1.87, 4.15, 1.58),
    0.46,
    (0.78, 0.61),
    (0.02, 0.64),
    0.52,
    (0.01, 0.80),
    (0.08, 0.58),
    0.74,
    0.165,
)
SEDAN = CarShape(
    (1.93, 4.78, 1.55),
    0.45,
    (0.72, 0.59),
    (0.05, 0.64),
    0.58,
    (0.10, 0.74),
    (0.27, 0.56),
    0.72,
    0.215,
)
ESTATE = CarShape(
    (1.93, 4.75, 1.60),
    0.45,
    (0.73, 0.59),
    (0.02, 0.62),
    0.55,
    (0.01, 0.75),
    (0.09, 0.56),
    0.73,
    0.205,
)
SUV = CarShape(
    (2.02, 4.72, 1.83),
    0.52,
    (0.76, 0.60),
    (0.02, 0.62),
    0.50,
    (0.01, 0.78),
    (0.06, 0.60),
    0.78,
    0.19,
)
MINIVAN = CarShape(
    (2.04, 4.98, 2.02),
    0.42,
    (0.87, 0.52),
    (0.01, 0.56),
    0.50,
    (0.005, 0.88),
    (0.03, 0.68),
    0.82,
    0.19,
)
CAR_SHAPES = (HATCHBACK, SEDAN, ESTATE, SUV, MINIVAN)
CAR_SHARES = (0.26, 0.26, 0.08, 0.25, 0.15)
FRONT_AXLE = 0.805
EGO_SIZE = (1.79, 4.08, 1.55)
EGO_SHAPE = HATCHBACK._replace(roof=(0.19, 0.575), roof_width=0.6)
"""A small roof: it hides from the LiDAR about as many beams as that of nuScenes' cars."""
EGO_REAR_AXLE = (EGO_SHAPE.rear_axle - 0.5) * EGO_SIZE[1]
"""x of the rear axle in the frame of `ego_vehicle()`, metres; nuScenes' ego frame begins there."""


def car(rng: np.random.Generator) -> Solid:
    """A car of any body shape, at most 18 parts; its mean size is about nuScenes' mean."""
    shape = CAR_SHAPES[rng.choice(len(CAR_SHAPES), p=CAR_SHARES)]
    model = Model()
    paint = draw_finish(rng, 'car_paint', CAR_COLOURS)
    _build_car(model, shape, draw_size(rng, shape.size), paint, rng)
    return model.solid(CAR)


def police_car(rng: np.random.Generator) -> Solid:
    """A sedan or SUV with a stripe along its sides and a light bar on the roof."""
    shape = (SEDAN, SUV)[rng.integers(2)]
    size = draw_size(rng, shape.size)
    model = Model()
    _build_car(model, shape, size, draw_finish(rng, 'car_paint', ('white', 'black', 'silver')), rng)
    width, length, height = size
    roof = (np.array(shape.roof).mean() - 0.5) * length
    stripe = draw_finish(rng, 'retroreflector', ('blue', 'lime', 'yellow', 'red'))
    model.box(stripe, across(0.7 * length), across(width - GAP), (0.42 * height, 0.5 * height))
    model.box(
        Finish('lamp', 0, COLOURS['blue']),
        (roof, roof + 0.3),
        across(0.55 * width),
        (height - 0.01, height + 0.13),
    )
    return model.solid(POLICE_CAR)


def ego_vehicle() -> Solid:
    """The ego vehicle, always the same: a white hatchback whose roof the lowest beams meet."""
    model = Model()
    paint = Finish('car_paint', 0, COLOURS['white'])
    _build_car(model, EGO_SHAPE, np.array(EGO_SIZE), paint, np.random.default_rng(0))
    return model.solid(EGO_VEHICLE)


def _build_car(
    model: Model, shape: CarShape, size: np.ndarray, paint: Finish, rng: np.random.Generator
) -> None:
    """Add 18 parts that fill (width, length, height) = `size`, about the origin."""
    width, length, height = size
    _add_body(model, shape, size, paint)
    _add_cabin(model, shape, size, paint, rng)
    tyre = min(0.215 * height, 0.36)
    axles = [(at - 0.5) * length for at in (FRONT_AXLE, shape.rear_axle)]
    hub = (CHROME, BLACK_PLASTIC)[rng.integers(2)]
    add_axles(model, axles, width, tyre, hub=hub)
    add_lights(
        model,
        length,
        width,
        ((shape.nose - 0.09) * height, (shape.nose - 0.01) * height),
        ((shape.tail - 0.12) * height, (shape.tail - 0.02) * height),
    )
    add_plates(model, length, (0.24 * height, 0.24 * height + 0.11))
    model.box(
        BLACK_PLASTIC,
        (length / 2 - 0.2, length / 2 - 0.4 * GAP),
        across(0.5 * width),
        (0.33 * height, 0.42 * height),
    )


def _add_body(model: Model, shape: CarShape, size: np.ndarray, paint: Finish) -> None:
    width, length, height = size
    profile = [
        (0.01, 0.13),
        (0.985, 0.13),
        (1.0, 0.22),
        (1.0, shape.nose),
        shape.cowl,
        shape.deck,
        (0.0, shape.tail),
        (0.0, 0.24),
    ]
    reach = length - 2 * GAP
    model.prism(
        paint, [((x - 0.5) * reach, z * height) for x, z in profile], across(width - 2 * GAP)
    )


def _add_cabin(
    model: Model, shape: CarShape, size: np.ndarray, paint: Finish, rng: np.random.Generator
) -> None:
    """Add the glass, the roof on it, and the pillars as rings that stand out of the glass."""
    width, length, height = size
    foot, roof = ((np.array(span) - 0.5) * (length - 2 * GAP) for span in (shape.belt, shape.roof))
    low, high = shape.cowl[1] * 0.93 * height, 0.955 * height
    wide, narrow = 0.92 * width, shape.roof_width * width
    model.loft(GLASS, (tuple(foot), across(wide)), (tuple(roof), across(narrow)), (low, high))
    model.loft(
        paint,
        ((roof[0] - 0.05, roof[1] + 0.06), across(narrow + 0.05)),
        ((roof[0] + 0.1, roof[1] - 0.15), across(narrow - 0.16)),
        (high - 0.02, height),
    )
    rear, middle = (foot[0] + 0.06, roof[0] + 0.06), (foot.mean() - 0.1, roof.mean() - 0.05)
    shade = (paint, BLACK_PLASTIC)[rng.integers(2)]
    for at, thickness, finish in ((rear, 0.16 * (foot[1] - foot[0]), paint), (middle, 0.1, shade)):
        model.loft(
            finish,
            ((at[0], at[0] + thickness), across(wide + GAP)),
            ((at[1], at[1] + 0.7 * thickness), across(narrow + GAP)),
            (low, high - 0.01),
        )
