"""What stands on the sidewalk or along a plot: benches, shelters, bins, walls, fences, racks."""

from __future__ import annotations

import numpy as np

from stslidr_city.catalog.categories import BICYCLE_RACK, MANMADE
from stslidr_city.catalog.finishes import (
    CAR_COLOURS,
    CHROME,
    COLOURS,
    GLASS,
    SIGNAL_COLOURS,
    WALL_COLOURS,
    Finish,
    draw_finish,
    pick,
)
from stslidr_city.catalog.model import Model, across
from stslidr_city.catalog.two_wheelers import add_bicycle
from stslidr_city.solids.solids import Solid

BOX_COLOURS = ('grey', 'silver', 'green', 'olive', 'beige', 'white', 'brown')


def bench(rng: np.random.Generator) -> Solid:
    """A bench along y that faces +x, with or without a back; 3 to 4 parts."""
    model = Model()
    width = float(rng.uniform(1.4, 2.2))
    slats = draw_finish(rng, str(rng.choice(['wood', 'wood', 'metal', 'stone'])))
    legs = draw_finish(rng, str(rng.choice(['metal', 'concrete'])))
    model.box(slats, (-0.24, 0.24), across(width), (0.4, 0.47))
    for y in (-0.36 * width, 0.36 * width):
        model.box(legs, (-0.2, 0.2), (y - 0.05, y + 0.05), (0, 0.41))
    if rng.random() < 0.7:
        model.prism(
            slats, [(-0.25, 0.46), (-0.2, 0.46), (-0.3, 0.85), (-0.35, 0.85)], across(width)
        )
    return model.solid(MANMADE)


def bus_shelter(rng: np.random.Generator) -> Solid:
    """A shelter open towards +x: glass walls, a roof, posts, a bench, a poster; 8 parts."""
    model = Model()
    width, depth, height = rng.uniform(3.4, 5.0), rng.uniform(1.4, 1.7), rng.uniform(2.35, 2.6)
    frame = draw_finish(rng, 'metal', BOX_COLOURS)
    rear, side = -depth / 2 + 0.1, width / 2 - 0.15
    model.box(frame, across(depth), across(width), (height - 0.12, height))
    model.box(GLASS, (rear, rear + 0.03), across(2 * side), (0.2, height - 0.15))
    top, front = height - 0.1, depth / 2 - 0.3
    for y in (-side, side):
        model.frustum(frame, (front, y, 0), (front, y, top), 0.05)
        model.box(frame, (rear - 0.05, rear + 0.07), (y - 0.05, y + 0.05), (0, top))
    poster = draw_finish(rng, 'plastic', CAR_COLOURS)
    model.box(poster, (rear, front), (side - 0.06, side + 0.06), (0.3, 2.0))
    seat = draw_finish(rng, 'wood')
    model.box(seat, (rear + 0.05, rear + 0.45), across(0.6 * width), (0.42, 0.48))
    return model.solid(MANMADE)


def advertising(rng: np.random.Generator) -> Solid:
    """A round column, or a panel that faces +x; 3 parts."""
    model = Model()
    poster = draw_finish(rng, str(rng.choice(['plastic', 'cloth'])), CAR_COLOURS)
    metal = draw_finish(rng, 'metal', BOX_COLOURS)
    if rng.random() < 0.5:
        radius, height = rng.uniform(0.55, 0.75), rng.uniform(2.8, 3.6)
        model.frustum(metal, (0, 0, 0), (0, 0, 0.5), 1.05 * radius)
        model.frustum(poster, (0, 0, 0.4), (0, 0, height - 0.25), radius)
        model.frustum(metal, (0, 0, height - 0.3), (0, 0, height), 1.1 * radius, 0.2)
    else:
        model.box(metal, across(0.2), across(0.9), (0, 0.6))
        model.box(metal, across(0.24), across(1.35), (0.5, 2.5))
        model.box(poster, across(0.26), across(1.2), (0.62, 2.4))
    return model.solid(MANMADE)


def litter_bin(rng: np.random.Generator) -> Solid:
    """A litter bin that stays in place, 2 parts."""
    model = Model()
    height, radius = float(rng.uniform(0.75, 1.1)), float(rng.uniform(0.2, 0.3))
    body = draw_finish(rng, str(rng.choice(['metal', 'plastic', 'wood'])), (*BOX_COLOURS, 'orange'))
    if rng.random() < 0.5:
        model.frustum(body, (0, 0, 0), (0, 0, 0.85 * height), 0.85 * radius, radius)
        model.frustum(CHROME, (0, 0, 0.84 * height), (0, 0, height), 1.04 * radius, 0.6 * radius)
    else:
        model.box(body, across(2 * radius), across(2 * radius), (0, 0.85 * height))
        model.box(CHROME, across(2.1 * radius), across(2.1 * radius), (0.84 * height, height))
    return model.solid(MANMADE)


def power_box(rng: np.random.Generator) -> Solid:
    """A cabinet of electricity or telephone works on a plinth, 3 parts."""
    model = Model()
    width, depth, height = rng.uniform(0.6, 1.8), rng.uniform(0.35, 0.7), rng.uniform(0.9, 1.6)
    case = draw_finish(rng, str(rng.choice(['metal', 'plastic'])), BOX_COLOURS)
    model.box(draw_finish(rng, 'concrete'), across(depth - 0.06), across(width - 0.06), (0, 0.15))
    model.box(case, across(depth - 0.04), across(width - 0.04), (0.14, height - 0.04))
    model.box(case, across(depth), across(width), (height - 0.05, height))
    return model.solid(MANMADE)


def kiosk(rng: np.random.Generator) -> Solid:
    """A small shop with a counter of glass towards +x under an awning; 5 parts."""
    model = Model()
    width, depth, height = rng.uniform(2.4, 4.0), rng.uniform(1.9, 2.6), rng.uniform(2.4, 2.9)
    body = draw_finish(rng, str(rng.choice(['metal', 'wood', 'plastic'])), WALL_COLOURS)
    model.box(body, across(depth), across(width), (0, height - 0.15))
    model.box(GLASS, (depth / 2 - 0.1, depth / 2 + 0.02), across(0.8 * width), (1.0, 0.78 * height))
    model.box(
        draw_finish(rng, 'metal'), across(depth + 0.3), across(width + 0.3), (height - 0.16, height)
    )
    cloth = draw_finish(rng, 'cloth', WALL_COLOURS)
    front = depth / 2
    model.prism(
        cloth,
        [
            (front - 0.05, 0.88 * height),
            (front + 0.8, 0.74 * height),
            (front + 0.8, 0.76 * height),
            (front - 0.05, 0.92 * height),
        ],
        across(width),
    )
    model.box(body, (front, front + 0.25), across(0.8 * width), (0.92, 0.98))
    return model.solid(MANMADE)


def wall(rng: np.random.Generator, length: float, height: float | None = None) -> Solid:
    """A garden or plot wall of `length` m along y with a coping, some with piers; 2 to 6 parts.

    Args:
        rng: draws looks.
        length: metres, along y.
        height: metres; drawn from 0.5 to 2.4 if None.
    """
    model = Model()
    height = float(rng.uniform(0.5, 2.4)) if height is None else height
    body = draw_masonry(rng)
    coping = draw_finish(rng, str(rng.choice(['stone', 'concrete'])))
    model.box(body, across(0.24), across(length), (0, height - 0.06))
    model.box(coping, across(0.32), across(length), (height - 0.07, height))
    if rng.random() < 0.4:
        for y in np.linspace(-length / 2 + 0.2, length / 2 - 0.2, int(np.clip(length // 4, 2, 4))):
            model.box(body, across(0.4), (y - 0.2, y + 0.2), (0, height + 0.15))
    return model.solid(MANMADE)


def fence(rng: np.random.Generator, length: float, height: float | None = None) -> Solid:
    """A fence of `length` m along y: boards, or rails between posts; 5 to 12 parts.

    Args:
        rng: draws kind and looks.
        length: metres, along y.
        height: metres; drawn from 0.9 to 2.0 if None.
    """
    model = Model()
    height = float(rng.uniform(0.9, 2.0)) if height is None else height
    material = str(rng.choice(['wood', 'wood', 'metal', 'plastic']))
    colours = () if material == 'wood' else ('grey', 'black', 'green', 'white', 'silver')
    finish = draw_finish(rng, material, colours)
    count = int(np.clip(length // 2.2 + 1, 2, 8))
    for y in np.linspace(-length / 2 + 0.05, length / 2 - 0.05, count):
        model.box(finish, across(0.09), (y - 0.05, y + 0.05), (0, height))
    if rng.random() < 0.5:
        model.box(finish, across(0.03), across(length - 0.05), (0.06, height - 0.05))
        model.box(finish, across(0.07), across(length - 0.02), (0.75 * height, 0.8 * height))
    else:
        for z in (0.15, 0.4, 0.65, 0.88):
            model.box(
                finish, across(0.04), across(length - 0.02), (z * height - 0.05, z * height + 0.05)
            )
    return model.solid(MANMADE)


def guard_rail(rng: np.random.Generator, length: float) -> Solid:
    """A steel guard rail of `length` m along y that faces +x; 4 to 9 parts."""
    model = Model()
    steel = draw_finish(rng, 'metal', ('silver', 'silver', 'grey', 'green', 'brown'))
    for y in np.linspace(-length / 2 + 0.2, length / 2 - 0.2, int(np.clip(length // 2 + 1, 2, 6))):
        model.box(steel, (-0.12, -0.02), (y - 0.06, y + 0.06), (0, 0.72))
    for z in (0.48, 0.65):
        model.prism(
            steel,
            [(-0.02, z - 0.09), (0.06, z - 0.03), (0.06, z + 0.03), (-0.02, z + 0.09)],
            across(length),
        )
    model.box(steel, (-0.02, 0.0), across(length - 0.01), (0.45, 0.7))
    return model.solid(MANMADE)


def bicycle_rack(rng: np.random.Generator) -> Solid:
    """A row of hoops along y on rails, with 0 to 3 bicycles locked to it; 11 to 59 parts."""
    model = Model()
    count = int(rng.integers(3, 6))
    steel = draw_finish(rng, 'metal', ('silver', 'silver', 'grey', 'black', 'green'))
    row = (np.arange(count) - (count - 1) / 2) * 0.75
    for x in (-0.4, 0.4):
        model.box(steel, (x - 0.04, x + 0.04), (row[0] - 0.15, row[-1] + 0.15), (0, 0.05))
    for y in row:
        for x in (-0.35, 0.35):
            model.frustum(steel, (x, y, 0), (x, y, 0.8), 0.024)
        model.frustum(steel, (-0.37, y, 0.8), (0.37, y, 0.8), 0.024)
    for y in rng.permutation(row)[: int(rng.integers(0, 4))]:
        add_bicycle(model, rng, float(rng.uniform(0.95, 1.03)), float(y) + 0.2)
    return model.solid(BICYCLE_RACK)


def draw_masonry(rng: np.random.Generator) -> Finish:
    """What walls are built of: brick, plaster of any colour, stone, concrete."""
    return pick(
        rng,
        [
            draw_finish(rng, 'brick'),
            draw_finish(rng, 'plaster', WALL_COLOURS),
            draw_finish(rng, 'plaster', WALL_COLOURS),
            draw_finish(rng, 'stone'),
            draw_finish(rng, 'concrete'),
        ],
    )


def barrier_gate(rng: np.random.Generator) -> Solid:
    """A gate of a car park: a cabinet and a striped boom along y; 4 parts."""
    model = Model()
    case = draw_finish(rng, 'metal', SIGNAL_COLOURS)
    model.box(case, across(0.35), (-0.2, 0.2), (0, 1.1))
    edges = np.linspace(0.1, 3.4, 4)
    for index in range(3):
        stripe = Finish('plastic', 0, COLOURS['red' if index % 2 else 'white'])
        model.box(stripe, across(0.05), (edges[index], edges[index + 1]), (0.9, 1.0))
    return model.solid(MANMADE)
