"""What stands in blocks of one piece: parks, car parks and building sites."""

from __future__ import annotations

import math

import numpy as np

from stslidr_city.planning.land_use import LAYER
from stslidr_city.planning.placing import LEFT_THERE, Placer, footprint
from stslidr_city.planning.plan import BlockPlan, Frontage

CAR_BAY = 2.75  # metres
BAY_LENGTH = 5.4
AISLE = 6.2


def furnish_interior(placer: Placer, rng: np.random.Generator, plan: BlockPlan) -> None:
    """Put what suits the block's style; nothing where it has lots."""
    furnish = {
        'park': _furnish_park,
        'parking': _furnish_car_park,
        'construction': _furnish_site,
    }.get(plan.style)
    if furnish is not None:
        ground = plan.areas[0].top + LAYER
        furnish(placer, rng, plan, ground)


def _anywhere(rng: np.random.Generator, plan: BlockPlan, margin: float) -> tuple[float, float]:
    """A place at least `margin` within the interior."""
    x0, y0, x1, y1 = plan.interior
    return (
        float(rng.uniform(x0 + margin, x1 - margin)),
        float(rng.uniform(y0 + margin, y1 - margin)),
    )


def _border(
    placer: Placer,
    rng: np.random.Generator,
    frontage: Frontage,
    ground: float,
    kind: str,
    share: float,
) -> None:
    """Put pieces of hedge, wall or fence along the back of the sidewalk, a share of its length."""
    walks = frontage.corner_walks
    piece = 8.0
    for start in np.arange(frontage.start + walks[0] + 1, frontage.end - walks[1] - piece, piece):
        if rng.random() < share:
            solid = placer.stock.draw(kind, rng, piece)
            place = frontage.place(float(start + piece / 2), frontage.street.sidewalk + 0.7)
            placer.try_put(solid, place, ground - LAYER, frontage.outward, -0.02)


def _furnish_park(placer: Placer, rng: np.random.Generator, plan: BlockPlan, ground: float) -> None:
    """Put mounds, hedges at the edge, trees, bushes, benches and people."""
    x0, y0, x1, y1 = plan.interior
    for frontage in plan.frontages:
        kind = str(rng.choice(['hedge', 'fence', 'wall', 'guard_rail']))
        _border(placer, rng, frontage, ground, kind, float(rng.choice([0.0, 0.3, 0.8])))
    for _ in range(int(rng.integers(2, 7))):
        width, depth = (float(size) for size in rng.uniform(6, 16, 2))
        if min(x1 - x0, y1 - y0) > 20:
            place, mound = _anywhere(rng, plan, 9.0), placer.stock.draw('mound', rng, width, depth)
            if placer.claims.is_free(footprint(mound, *place, 0.0)):  # trees may grow on it
                placer.put(mound, place, ground, 0.0)
    area = (x1 - x0) * (y1 - y0)
    spots = {
        'tree': area / 65,
        'bush': area / 130,
        'bench': 3,
        'standing_adult': 2.5,
        'litter_bin': 1,
        'street_lamp': 2,
        'animal': 0.15,
        'child': 0.3,
    }
    for kind, mean in spots.items():
        for _ in range(rng.poisson(mean)):
            placer.try_put_foot(
                placer.stock.draw(kind, rng),
                _anywhere(rng, plan, 1.5),
                ground,
                float(rng.uniform(-math.pi, math.pi)),
                1.2,
            )


def _furnish_car_park(
    placer: Placer, rng: np.random.Generator, plan: BlockPlan, ground: float
) -> None:
    """Put rows of cars along x, lamps and trees between them, and a border."""
    x0, y0, x1, y1 = plan.interior
    for frontage in plan.frontages:
        kind = str(rng.choice(['hedge', 'fence', 'wall', 'guard_rail']))
        _border(placer, rng, frontage, ground, kind, float(rng.choice([0.25, 0.5, 0.8])))
        for start in np.arange(frontage.start + 9, frontage.end - 9, rng.uniform(8, 14)):
            place = frontage.place(float(start), frontage.street.sidewalk + 1.4)
            placer.try_put_foot(placer.stock.draw('tree', rng), place, ground, 0.0, 0.6)
    taken = float(rng.uniform(0.25, 0.8))
    for row, y in enumerate(np.arange(y0 + 5.5, y1 - 4, (2 * BAY_LENGTH + AISLE) / 2)):
        for x in np.arange(x0 + 4, x1 - 4, CAR_BAY):
            if rng.random() < taken:
                yaw = math.pi / 2 * (1 if rng.random() < 0.5 else -1) + rng.normal(0, 0.02)
                shift = 0.15 * (-1) ** row
                placer.try_put(
                    placer.stock.draw('car', rng),
                    (float(x), float(y + shift)),
                    ground,
                    float(yaw),
                    0.1,
                    LEFT_THERE,
                )
    for _ in range(4):
        placer.try_put_foot(
            placer.stock.draw('street_lamp', rng), _anywhere(rng, plan, 3.0), ground, 0.0, 0.4
        )


def _furnish_site(placer: Placer, rng: np.random.Generator, plan: BlockPlan, ground: float) -> None:
    """Put a building in the making, a fence, heaps of earth, rubble and workers."""
    x0, y0, x1, y1 = plan.interior
    kind = str(rng.choice(['fence', 'fence', 'wall']))
    for frontage in plan.frontages:
        _border(placer, rng, frontage, ground, kind, float(rng.uniform(0.4, 0.9)))
    middle = (x0 + x1) / 2, (y0 + y1) / 2
    placer.try_put(
        placer.stock.draw('site', rng, 0.45 * (y1 - y0), 0.45 * (x1 - x0)), middle, ground, 0.0
    )
    for _ in range(int(rng.integers(3, 8))):
        width, depth = (float(size) for size in rng.uniform(4, 9, 2))
        placer.try_put(
            placer.stock.draw('mound', rng, width, depth), _anywhere(rng, plan, 5.5), ground, 0.0
        )
    for kind, mean in {'debris': 1.0, 'worker': 0.7, 'bush': 2.0, 'power_box': 1.0}.items():
        for _ in range(rng.poisson(mean)):
            placer.try_put_foot(
                placer.stock.draw(kind, rng),
                _anywhere(rng, plan, 2.5),
                ground,
                float(rng.uniform(-math.pi, math.pi)),
                1.0,
            )
