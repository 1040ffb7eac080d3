"""What stands on the lots of a block: buildings, houses with gardens, sheds, yards, squares."""

from __future__ import annotations

import math

import numpy as np

from stslidr_city.planning.chance import choose
from stslidr_city.planning.footprints import Rectangle
from stslidr_city.planning.placing import LEFT_THERE, Placer
from stslidr_city.planning.plan import Lot

BUILDINGS = {'flats': 0.58, 'office': 0.12, 'shop': 0.27, 'site': 0.03}
"""Shares of the kinds of buildings downtown."""
HEIGHTS = {
    'flats': (6.4, 12.5),
    'office': (11.0, 24.0),
    'shop': (4.0, 7.0),
    'site': (6.0, 14.0),
    'house': (3.0, 6.0),
    'hall': (4.5, 8.5),
    'shed': (2.2, 3.2),
}
"""Of the walls, metres."""


def furnish_lot(placer: Placer, rng: np.random.Generator, lot: Lot) -> None:
    """Put what suits the lot's kind."""
    if lot.kind == 'building':
        _put_building(
            placer,
            rng,
            lot,
            choose(rng, BUILDINGS),
            float(rng.choice([0.3, 1.7, 3.0])),
            gap=float(rng.choice([0.0, 0.5, 3.0])),
        )
    elif lot.kind == 'house':
        _put_building(
            placer,
            rng,
            lot,
            'house' if rng.random() < 0.85 else 'shed',
            float(rng.uniform(1.8, 4.5)),
            gap=float(rng.uniform(1.5, 4.0)),
        )
        _put_border(placer, rng, lot, share=0.55)
        _plant(placer, rng, lot, trees=1.6, bushes=2.0)
        _put_car_in_drive(placer, rng, lot)
    elif lot.kind == 'garden':
        _put_border(placer, rng, lot, share=0.5)
        _plant(placer, rng, lot, trees=4.0, bushes=3.5)
    elif lot.kind == 'plaza':
        _furnish_square(placer, rng, lot)
    elif lot.kind == 'shed':
        _put_building(
            placer,
            rng,
            lot,
            'hall' if rng.random() < 0.7 else 'flats',
            float(rng.uniform(1.7, 4.0)),
            gap=float(rng.uniform(1.0, 4.0)),
        )
        _put_border(placer, rng, lot, share=0.6)
        _plant(placer, rng, lot, trees=0.7, bushes=0.8)
    else:
        _furnish_yard(placer, rng, lot)


def _rectangle(lot: Lot) -> Rectangle:
    return lot.frontage.rectangle(lot.start, lot.end, lot.depth, lot.end_depth)


def _put_building(
    placer: Placer, rng: np.random.Generator, lot: Lot, kind: str, setback: float, gap: float
) -> None:
    """Put a building with its front `setback` behind the sidewalk and `gap` to the next one.

    It is left out where something stands on its plot already.
    """
    width = lot.end - lot.start - gap
    depth = lot.end_depth - lot.depth - setback
    if width < 6 or depth < 6:
        return
    middle = (lot.start + lot.end) / 2
    height = float(rng.uniform(*HEIGHTS[kind]))
    solid = placer.stock.draw(kind, rng, width, depth, height)
    place = lot.frontage.place(middle, lot.depth + setback + depth / 2)
    plot = lot.frontage.rectangle(
        middle - width / 2, middle + width / 2, lot.depth + setback + 0.05, lot.end_depth
    )
    if placer.claims.claim(plot):
        placer.put(solid, place, lot.ground - 0.03, lot.frontage.outward)


def _put_border(placer: Placer, rng: np.random.Generator, lot: Lot, share: float) -> None:
    """Put a hedge, a wall or a fence along the sidewalk, with a gap for the entrance."""
    if rng.random() > share:
        return
    kind = str(rng.choice(['hedge', 'hedge', 'wall', 'fence']))
    entrance = rng.uniform(lot.start + 1.5, lot.end - 5.0) if lot.end - lot.start > 8 else lot.start
    for start, end in ((lot.start, entrance), (entrance + 3.2, lot.end)):
        length = end - start - 0.6
        if length > 1.5:
            solid = placer.stock.draw(kind, rng, length)
            place = lot.frontage.place((start + end) / 2, lot.depth + 0.6)
            placer.try_put(solid, place, lot.ground - 0.03, lot.frontage.outward, 0.0)


def _plant(placer: Placer, rng: np.random.Generator, lot: Lot, trees: float, bushes: float) -> None:
    """Plant trees and bushes where there is room, these numbers of them on average."""
    for kind, count, radius in (('tree', trees, 1.3), ('bush', bushes, 0.9)):
        for _ in range(rng.poisson(count)):
            place = lot.frontage.place(
                float(rng.uniform(lot.start + 1, lot.end - 1)),
                float(rng.uniform(lot.depth + 1.2, lot.end_depth)),
            )
            placer.try_put_foot(
                placer.stock.draw(kind, rng),
                place,
                lot.ground,
                float(rng.uniform(-math.pi, math.pi)),
                radius,
            )


def _put_car_in_drive(placer: Placer, rng: np.random.Generator, lot: Lot) -> None:
    """Park a car beside some houses, its nose or tail towards the street."""
    if rng.random() < 0.4:
        along = lot.start + 1.6 if rng.random() < 0.5 else lot.end - 1.6
        solid = placer.stock.draw('car', rng)
        yaw = lot.frontage.outward + math.pi * (rng.random() < 0.5)
        placer.try_put(
            solid,
            lot.frontage.place(along, lot.depth + rng.uniform(3.2, 6)),
            lot.ground,
            yaw,
            0.1,
            LEFT_THERE,
        )


def _furnish_square(placer: Placer, rng: np.random.Generator, lot: Lot) -> None:
    """Put benches, trees and people on a paved square, and a wall or hedge behind."""
    back = placer.stock.draw(str(rng.choice(['wall', 'hedge', 'fence'])), rng, lot.end - lot.start)
    placer.try_put(
        back,
        lot.frontage.place((lot.start + lot.end) / 2, lot.end_depth - 0.6),
        lot.ground - 0.03,
        lot.frontage.outward,
        0.0,
    )
    for kind in (
        'tree',
        'bench',
        'bench',
        'standing_adult',
        'litter_bin',
        'kiosk',
        'bicycle_rack',
        'standing_adult',
        'tree',
        'bollard',
        'animal',
    ):
        if rng.random() < (0.06 if kind in ('bicycle_rack', 'animal') else 0.5):
            place = lot.frontage.place(
                float(rng.uniform(lot.start + 2, lot.end - 2)),
                float(rng.uniform(lot.depth + 1, lot.end_depth - 2)),
            )
            placer.try_put_foot(
                placer.stock.draw(kind, rng),
                place,
                lot.ground,
                float(rng.uniform(-math.pi, math.pi)),
                1.2,
            )


def _furnish_yard(placer: Placer, rng: np.random.Generator, lot: Lot) -> None:
    """Put a few parked vehicles side by side, a fence or wall around, heaps and bins."""
    _put_border(placer, rng, lot, share=0.7)
    back = placer.stock.draw(str(rng.choice(['wall', 'fence'])), rng, lot.end - lot.start - 1)
    placer.try_put(
        back,
        lot.frontage.place((lot.start + lot.end) / 2, lot.end_depth - 0.5),
        lot.ground - 0.03,
        lot.frontage.outward,
        0.0,
    )
    for along in np.arange(lot.start + 2.5, lot.end - 2.5, 3.1):
        if rng.random() < 0.35:
            solid = placer.stock.draw('truck' if rng.random() < 0.15 else 'car', rng)
            placer.try_put(
                solid,
                lot.frontage.place(float(along), lot.end_depth - 5.5),
                lot.ground,
                lot.frontage.outward,
                0.1,
                LEFT_THERE,
            )
    for kind in ('pushable_pullable', 'power_box', 'debris', 'utility_pole', 'bush'):
        if rng.random() < 0.25:
            place = lot.frontage.place(
                float(rng.uniform(lot.start + 2, lot.end - 2)),
                float(rng.uniform(lot.depth + 1.5, lot.end_depth - 2)),
            )
            placer.try_put_foot(
                placer.stock.draw(kind, rng), place, lot.ground, lot.frontage.outward, 0.8
            )
