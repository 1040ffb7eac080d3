"""What people put on streets for a time: barriers, cones, debris, wheeled bins and trolleys.

A barrier stands across: its long side lies along y, as in nuScenes' boxes.
"""

from __future__ import annotations

import numpy as np

from stslidr_city.catalog.categories import ANIMAL, BARRIER, DEBRIS, PUSHABLE_PULLABLE, TRAFFIC_CONE
from stslidr_city.catalog.figure import SIDES
from stslidr_city.catalog.finishes import (
    BLACK_PLASTIC,
    CAR_COLOURS,
    CLOTHES_COLOURS,
    RUBBER,
    SIGNAL_COLOURS,
    draw_finish,
    vary,
)
from stslidr_city.catalog.model import Model, across, both_sides, draw_size
from stslidr_city.solids.solids import Solid


def barrier(rng: np.random.Generator, width: float | None = None) -> Solid:
    """A concrete, water-filled, board or steel barrier, at most 13 parts.

    Args:
        rng: draws kind, size and looks.
        width: its length along y, metres; drawn about 2.5 if None.
    """
    build = BARRIERS[rng.choice(len(BARRIERS), p=BARRIER_SHARES)]
    model = Model()
    if width is None:
        width = float(np.clip(rng.normal(2.5, 0.2), 1.9, 3.1))
    build(model, rng, width)
    return model.solid(BARRIER)


def traffic_cone(rng: np.random.Generator) -> Solid:
    """A cone, a tube or a drum with retroreflective bands, at most 4 parts."""
    model = Model()
    kind = rng.choice(['cone', 'tube', 'drum'], p=[0.6, 0.25, 0.15])
    body = draw_finish(rng, 'plastic', SIGNAL_COLOURS)
    height = {
        'cone': rng.uniform(0.7, 1.15),
        'tube': rng.uniform(1.0, 1.3),
        'drum': rng.uniform(1.0, 1.2),
    }[kind]
    base, foot, top = {
        'cone': (0.22, 0.16, 0.035),
        'tube': (0.16, 0.055, 0.05),
        'drum': (0.24, 0.23, 0.19),
    }[kind]
    scale = 0.75 + 0.25 * height if kind == 'cone' else 1.0
    base, foot = base * scale, foot * scale
    model.box(RUBBER if rng.random() < 0.5 else body, (-base, base), (-base, base), (0, 0.05))
    model.frustum(body, (0, 0, 0.03), (0, 0, height), foot, top)
    band = draw_finish(rng, 'retroreflector', ('white', 'white', 'silver', 'yellow'))
    for low, high in ((0.42, 0.56), (0.68, 0.8))[: int(rng.integers(1, 3))]:
        radii = [foot + (top - foot) * at + 0.006 for at in (low, high)]
        model.frustum(band, (0, 0, low * height), (0, 0, high * height), *radii)
    return model.solid(TRAFFIC_CONE)


def debris(rng: np.random.Generator) -> Solid:
    """A heap of boxes, full bags, rubble or a branch: 1 to 8 parts."""
    model = Model()
    kind = str(rng.choice(['boxes', 'bags', 'rubble', 'branch']))
    if kind == 'branch':
        length = rng.uniform(0.8, 1.6)
        model.frustum(
            draw_finish(rng, 'bark'), (-length / 2, 0, 0.06), (length / 2, 0.1, 0.05), 0.06, 0.03
        )
        model.ellipsoid(draw_finish(rng, 'leaves'), (0.2 * length, 0, 0.18), (0.4, 0.3, 0.18))
        return model.solid(DEBRIS)
    turn = rng.uniform(0, 2 * np.pi)
    for index in range(int(rng.integers(1, 5))):
        angle, aside = turn + 2.2 * index, rng.uniform(0.3, 0.45) * (index > 0)
        _add_piece(model, rng, kind, aside * np.array([np.cos(angle), np.sin(angle)]))
    return model.solid(DEBRIS)


def _add_piece(model: Model, rng: np.random.Generator, kind: str, at: np.ndarray) -> None:
    """Add a box, a bag with its knot or a lump of rubble about `at` (2,) (1 to 2 parts)."""
    x, y = at
    half = rng.uniform(0.15, 0.35, 3)
    if kind == 'boxes':
        card = draw_finish(rng, 'wood', ('beige', 'white', 'brown'))
        model.box(card, (x - half[0], x + half[0]), (y - half[1], y + half[1]), (0, 1.6 * half[2]))
    elif kind == 'bags':
        bag = draw_finish(rng, 'plastic', ('black', 'black', 'blue', 'white', 'grey', 'green'))
        model.ellipsoid(bag, (x, y, half[2]), half)
        model.frustum(bag, (x, y, 1.8 * half[2]), (x, y, 2.3 * half[2]), 0.04, 0.09)
    else:
        stone = draw_finish(rng, str(rng.choice(['concrete', 'brick', 'stone'])))
        corners = rng.uniform(-1, 1, (12, 3)) * half + (x, y, 0.5 * half[2])
        corners[:, 2] = np.clip(corners[:, 2], 0, None)  # it lies on a face
        corners[:3, 2] = 0
        model.hull(stone, corners)


def pushable_pullable(rng: np.random.Generator) -> Solid:
    """A wheeled bin, a container on castors, a hand cart or a shopping trolley; 4 to 9 parts."""
    model = Model()
    kind = rng.choice(['bin', 'container', 'trolley'], p=[0.5, 0.25, 0.25])
    build = {'bin': _add_wheeled_bin, 'container': _add_container, 'trolley': _add_trolley}
    build[str(kind)](model, rng)
    return model.solid(PUSHABLE_PULLABLE)


def animal(rng: np.random.Generator) -> Solid:
    """A dog of any size, 12 parts."""
    model = Model()
    size = float(rng.uniform(0.55, 1.25))
    fur = draw_finish(rng, 'hair')
    dark = fur._replace(tint=vary(rng, (0.6, 0.6, 0.6)))
    model.ellipsoid(fur, (0, 0, 0.43 * size), (0.3 * size, 0.11 * size, 0.13 * size))
    model.ellipsoid(fur, (0.2 * size, 0, 0.44 * size), (0.14 * size, 0.12 * size, 0.16 * size))
    model.frustum(fur, (0.22 * size, 0, 0.5 * size), (0.36 * size, 0, 0.64 * size), 0.08 * size)
    model.ellipsoid(fur, (0.38 * size, 0, 0.67 * size), (0.11 * size, 0.075 * size, 0.08 * size))
    model.frustum(
        dark, (0.42 * size, 0, 0.65 * size), (0.54 * size, 0, 0.62 * size), 0.05 * size, 0.03 * size
    )
    for y in SIDES:
        model.ellipsoid(
            dark,
            (0.34 * size, y * 0.07 * size, 0.73 * size),
            (0.04 * size, 0.025 * size, 0.06 * size),
        )
        for x in (-0.22, 0.2):
            swing = rng.uniform(-0.09, 0.09)
            radius = 0.03 * size
            model.frustum(
                fur,
                ((x + swing) * size, y * 0.07 * size, 0),
                (x * size, y * 0.07 * size, 0.4 * size),
                radius,
                1.7 * radius,
            )
    tail = (-0.5 * size, 0, rng.uniform(0.45, 0.7) * size)
    model.frustum(fur, (-0.28 * size, 0, 0.5 * size), tail, 0.03 * size, 0.015 * size)
    return model.solid(ANIMAL)


def _concrete_barrier(model: Model, rng: np.random.Generator, width: float) -> None:
    """A jersey barrier: a steep wall on a broad foot."""
    height, depth = rng.uniform(0.82, 1.1), rng.uniform(0.5, 0.65)
    concrete = draw_finish(rng, 'concrete')
    model.prism(
        concrete,
        [
            (-depth / 2, 0),
            (depth / 2, 0),
            (depth / 2, 0.1),
            (0.13, 0.38),
            (-0.13, 0.38),
            (-depth / 2, 0.1),
        ],
        across(width),
    )
    model.prism(
        concrete,
        [(-0.15, 0.33), (0.15, 0.33), (0.09, height), (-0.09, height)],
        across(width - 0.01),
    )
    if rng.random() < 0.5:
        sign = draw_finish(rng, 'retroreflector', SIGNAL_COLOURS)
        for y in (-0.3 * width, 0.3 * width):
            model.box(sign, (-0.14, 0.14), (y - 0.06, y + 0.06), (0.7 * height, 0.8 * height))


def _plastic_barrier(model: Model, rng: np.random.Generator, width: float) -> None:
    """A water-filled barrier: two blocks of one colour and a third of another between them."""
    height, depth = rng.uniform(0.85, 1.1), rng.uniform(0.45, 0.6)
    colour, other = (
        draw_finish(rng, 'plastic', SIGNAL_COLOURS),
        draw_finish(rng, 'plastic', ('white', 'white', 'grey', 'red', 'green')),
    )
    edges = np.array([-0.5, -0.17, 0.17, 0.5]) * width
    for index in range(3):
        model.prism(
            other if index == 1 else colour,
            [
                (-depth / 2, 0.06),
                (depth / 2, 0.06),
                (depth / 2, 0.3),
                (0.11, height),
                (-0.11, height),
                (-depth / 2, 0.3),
            ],
            (edges[index], edges[index + 1]),
        )
    for y in (-0.32 * width, 0.32 * width):
        model.box(other, (-depth / 2 + 0.02, depth / 2 - 0.02), (y - 0.2, y + 0.2), (0, 0.08))


def _board_barrier(model: Model, rng: np.random.Generator, width: float) -> None:
    """Boards in retroreflective stripes on two feet."""
    height = rng.uniform(0.95, 1.15)
    stripes = [
        draw_finish(rng, 'retroreflector', ('white',)),
        draw_finish(rng, 'retroreflector', ('red', 'orange', 'yellow')),
    ]
    edges = np.linspace(-0.5, 0.5, 6) * width
    for index in range(5):
        model.box(
            stripes[index % 2],
            across(0.05),
            (edges[index], edges[index + 1]),
            (height - 0.28, height),
        )
    model.box(draw_finish(rng, 'wood'), across(0.045), across(width), (0.35, 0.5))
    foot = draw_finish(rng, str(rng.choice(['metal', 'plastic'])), CAR_COLOURS)
    for y in (-0.38 * width, 0.38 * width):
        model.prism(
            foot,
            [(-0.25, 0), (0.25, 0), (0.035, height - 0.05), (-0.035, height - 0.05)],
            (y - 0.025, y + 0.025),
        )


def _steel_barrier(model: Model, rng: np.random.Generator, width: float) -> None:
    """A crowd-control fence: a frame with a few bars on two feet."""
    height = rng.uniform(1.0, 1.15)
    steel = draw_finish(rng, 'metal', ('silver', 'silver', 'white', 'yellow', 'green', 'orange'))
    side = width / 2 - 0.02
    for z in (0.16, height - 0.02):
        model.frustum(steel, (0, -width / 2, z), (0, width / 2, z), 0.02)
    for y in np.linspace(-side, side, 8):
        model.frustum(steel, (0, y, 0.16), (0, y, height - 0.03), 0.012 if abs(y) < side else 0.02)
    for y in (-0.36 * width, 0.36 * width):
        model.box(steel, (-0.28, 0.28), (y - 0.03, y + 0.03), (0, 0.04))
    if rng.random() < 0.4:
        cloth = draw_finish(rng, 'cloth', CLOTHES_COLOURS)
        model.box(cloth, across(0.03), across(0.94 * width), (0.22, height - 0.12))
    else:
        model.box(steel, across(0.02), across(0.5), (0.5 * height, 0.75 * height))


BARRIERS = (_concrete_barrier, _plastic_barrier, _board_barrier, _steel_barrier)
BARRIER_SHARES = (0.35, 0.3, 0.15, 0.2)


def _add_wheeled_bin(model: Model, rng: np.random.Generator) -> None:
    width, length, height = draw_size(rng, (0.58, 0.72, 1.06), 0.07)
    body = draw_finish(rng, 'plastic', ('green', 'grey', 'black', 'blue', 'brown', 'yellow'))
    half, side, wheel = length / 2, width / 2, 0.1
    model.loft(
        body,
        ((-half + 0.16, half - 0.08), across(0.8 * width)),
        ((-half + 0.06, half), across(width)),
        (0.03, height - 0.06),
    )
    lid = draw_finish(rng, 'plastic', ('yellow', 'blue', 'black')) if rng.random() < 0.4 else body
    model.prism(
        lid,
        [
            (-half + 0.03, height - 0.07),
            (half, height - 0.07),
            (half - 0.05, height - 0.02),
            (-half + 0.1, height),
            (-half, height - 0.03),
        ],
        across(width),
    )
    for span in both_sides(side - 0.05, side):
        model.wheel(RUBBER, -half + wheel, span, wheel)


def _add_container(model: Model, rng: np.random.Generator) -> None:
    """A waste container on four castors with a rounded lid."""
    width, length, height = draw_size(rng, (1.3, 0.95, 1.25), 0.06)
    body = draw_finish(
        rng, str(rng.choice(['plastic', 'metal'])), ('green', 'grey', 'silver', 'blue', 'brown')
    )
    half, side = length / 2, width / 2
    model.loft(
        body,
        ((-half + 0.1, half - 0.1), across(0.9 * width)),
        ((-half, half), across(width)),
        (0.16, height - 0.22),
    )
    model.prism(
        draw_finish(rng, 'plastic', ('grey', 'green', 'blue', 'yellow', 'black')),
        [
            (-half, height - 0.22),
            (half, height - 0.22),
            (half - 0.12, height - 0.06),
            (0, height),
            (-half + 0.12, height - 0.06),
        ],
        across(width),
    )
    for x in (-half + 0.2, half - 0.2):
        for y in SIDES:
            at = y * (side - 0.2)
            model.wheel(BLACK_PLASTIC, x, (at - 0.03, at + 0.03), 0.1)


def _add_trolley(model: Model, rng: np.random.Generator) -> None:
    """A shopping trolley: a basket on a frame."""
    width, length, height = draw_size(rng, (0.58, 0.95, 1.02), 0.05)
    steel = draw_finish(rng, 'metal', ('silver', 'silver', 'red', 'blue', 'green'))
    half = length / 2
    model.loft(
        steel,
        ((-half + 0.25, half - 0.15), across(0.7 * width)),
        ((-half + 0.12, half), across(width)),
        (0.5, 0.92 * height),
    )
    model.box(steel, (-half + 0.15, half - 0.1), across(0.85 * width), (0.16, 0.22))
    for y in SIDES:
        model.frustum(
            steel,
            (-half + 0.2, y * 0.38 * width, 0.15),
            (-half + 0.06, y * 0.38 * width, height - 0.03),
            0.018,
        )
        for x in (-half + 0.2, half - 0.16):
            model.wheel(RUBBER, x, (y * 0.38 * width - 0.02, y * 0.38 * width + 0.02), 0.08)
    handle = draw_finish(rng, 'plastic', CAR_COLOURS)
    model.frustum(
        handle,
        (-half + 0.03, -width / 2, height - 0.03),
        (-half + 0.03, width / 2, height - 0.03),
        0.03,
    )
