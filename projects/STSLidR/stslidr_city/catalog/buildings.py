"""Buildings: blocks of flats, offices, houses, halls, sheds and building sites.

A building's front faces +x: its width lies along y, its depth along x. The plot that it fills is
`depth` by `width`, about the origin; awnings, balconies and steps stand over that towards +x.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from stslidr_city.catalog.categories import MANMADE
from stslidr_city.catalog.finishes import (
    BLACK_PLASTIC,
    CAR_COLOURS,
    COLOURS,
    GLASS,
    WALL_COLOURS,
    Finish,
    draw_finish,
    pick,
)
from stslidr_city.catalog.fixtures import draw_masonry
from stslidr_city.catalog.model import Model, Span, across
from stslidr_city.solids.solids import Solid

STOREY = 3.2
KINDS = ('flats', 'office', 'shop', 'house', 'hall', 'shed', 'site')
KIND_SHARES = (0.38, 0.14, 0.16, 0.16, 0.08, 0.04, 0.04)
OVERHANG = 1.6
"""The most that a building stands over its plot, towards +x, metres."""


def building(
    rng: np.random.Generator,
    width: float,
    depth: float,
    height: float | None = None,
    kind: str | None = None,
) -> Solid:
    """A building on a plot, at most 14 parts.

    Args:
        rng: draws looks, and what is None.
        width: metres along y, the street front.
        depth: metres along x.
        height: of the walls, metres; drawn to suit the kind if None.
        kind: one of `KINDS`; drawn to suit the plot if None.

    Raises:
        ValueError: if there is no such kind.
    """
    if kind is None:
        shares = np.array(KIND_SHARES) * (1.0 if width < 18 else np.array([1, 1, 1, 0, 1, 0, 1]))
        kind = str(rng.choice(KINDS, p=shares / shares.sum()))
    if kind not in KINDS:
        raise ValueError(f'no kind of building {kind!r}; there are {KINDS}')
    model = Model()
    _BUILDERS[kind](model, rng, width, depth, height)
    return model.solid(MANMADE, centred=False)


def _flats(
    model: Model, rng: np.random.Generator, width: float, depth: float, height: float | None
) -> None:
    """A facade of windows on a base, a parapet or a steep roof, balconies, a door."""
    height = STOREY * rng.integers(3, 8) if height is None else height
    front = depth / 2
    _add_walls(model, rng, width, depth, height)
    base = draw_masonry(rng)
    model.box(base, across(depth + 0.1), across(width + 0.06), (0, rng.uniform(0.5, 1.2)))
    _add_door(model, rng, front + 0.08, rng.uniform(-0.35, 0.35) * width)
    _add_roof(model, rng, width, depth, height)
    storeys = int(height // STOREY)
    if rng.random() < 0.6:
        slab = draw_finish(rng, str(rng.choice(['concrete', 'metal', 'plaster'])))
        reach = rng.uniform(0.9, 1.2)
        columns = [0.0] if width < 9 else [-0.27 * width, 0.27 * width]
        for y in columns:
            for storey in range(1, min(storeys, 4)):
                z = storey * STOREY
                model.box(slab, (front, front + reach), (y - 1.3, y + 1.3), (z, z + 1.05))


def _office(
    model: Model, rng: np.random.Generator, width: float, depth: float, height: float | None
) -> None:
    """A tower of glass or windows on a podium, with a setback and machines on the roof."""
    height = STOREY * rng.integers(6, 14) if height is None else height
    facade = (
        Finish('glass', int(rng.integers(4)), (0.7, 0.85, 0.95))
        if rng.random() < 0.4
        else (draw_finish(rng, 'windows'))
    )
    podium = min(STOREY * rng.integers(1, 3) + 0.6, 0.6 * height)
    stone = draw_masonry(rng)
    model.box(stone, across(depth), across(width), (0, podium))
    inset = rng.uniform(0.4, min(width, depth) * 0.12 + 0.5)
    model.box(facade, across(depth - 2 * inset), across(width - 2 * inset), (podium, height))
    front = depth / 2
    model.box(GLASS, (front - 0.3, front + 0.05), across(0.7 * width), (0.3, podium - 0.6))
    if rng.random() < 0.5:
        top = height + STOREY * rng.integers(1, 4)
        model.box(facade, across(0.6 * depth), across(0.6 * width), (height, top))
        height = top
    model.box(
        draw_finish(rng, 'concrete'),
        across(0.35 * depth),
        across(0.3 * width),
        (height, height + rng.uniform(1.5, 3.0)),
    )
    fins = draw_finish(rng, str(rng.choice(['metal', 'concrete', 'stone'])))
    for y in np.linspace(-0.5, 0.5, int(rng.integers(2, 6))) * (width - 2 * inset - 0.4):
        model.box(
            fins, across(depth - 2 * inset + 0.4), (y - 0.2, y + 0.2), (podium, 0.96 * height)
        )
    model.box(
        draw_finish(rng, 'metal'), (front, front + OVERHANG), across(0.3 * width), (2.7, 2.95)
    )


def _shop(
    model: Model, rng: np.random.Generator, width: float, depth: float, height: float | None
) -> None:
    """Flats over a shop front: glass, a lit sign, an awning."""
    height = STOREY * rng.integers(2, 6) if height is None else height
    front = depth / 2
    _add_walls(model, rng, width, depth, height)
    frame = draw_masonry(rng)
    model.box(frame, across(depth + 0.1), across(width + 0.04), (0, 3.6))
    for y in (-0.25 * width, 0.25 * width):
        model.box(
            GLASS, (front - 0.2, front + 0.08), (y - 0.2 * width, y + 0.2 * width), (0.5, 2.7)
        )
    _add_door(model, rng, front + 0.08, 0.0)
    sign = draw_finish(rng, str(rng.choice(['plastic', 'lamp', 'metal'])), CAR_COLOURS)
    model.box(sign, (front, front + 0.18), across(0.86 * width), (2.95, 3.5))
    if rng.random() < 0.7:
        cloth = draw_finish(rng, 'cloth', WALL_COLOURS)
        model.prism(
            cloth,
            [(front, 2.9), (front + OVERHANG, 2.35), (front + OVERHANG, 2.4), (front, 3.0)],
            across(0.88 * width),
        )
    _add_roof(model, rng, width, depth, height)
    if rng.random() < 0.5:
        unit = draw_finish(rng, 'metal', ('white', 'grey', 'beige'))
        for y in rng.uniform(-0.4, 0.4, 2) * width:
            model.box(unit, (front, front + 0.4), (y - 0.4, y + 0.4), (4.2, 4.8))


def _house(
    model: Model, rng: np.random.Generator, width: float, depth: float, height: float | None
) -> None:
    """Walls with single windows under a gabled or hipped roof, a chimney, a porch."""
    height = float(rng.choice([2.9, 5.6])) if height is None else height
    walls, front = draw_masonry(rng), depth / 2
    model.box(walls, across(depth), across(width), (0, height))
    ridge = height + rng.uniform(0.28, 0.5) * min(width, depth)
    _add_pitched_roof(model, rng, width, depth, (height, ridge))
    _add_door(model, rng, front + 0.03, 0.0)
    for storey in range(int(height // 2.7)):
        z = 0.95 + 2.75 * storey
        for y in (-0.3 * width, 0.3 * width):
            model.box(GLASS, (-front - 0.03, front + 0.03), (y - 0.7, y + 0.7), (z, z + 1.3))
    chimney = draw_finish(rng, 'brick')
    y = rng.uniform(-0.3, 0.3) * width
    model.box(chimney, (-0.35, 0.35), (y - 0.35, y + 0.35), (height, ridge + 0.7))
    if rng.random() < 0.5:
        roof = draw_finish(rng, 'roof_tiles')
        model.prism(
            roof,
            [(front - 0.1, 2.75), (front + 1.3, 2.3), (front + 1.3, 2.4), (front - 0.1, 2.9)],
            across(2.4),
        )
        post = draw_finish(rng, 'wood')
        for y in (-1.1, 1.1):
            model.box(post, (front + 1.1, front + 1.25), (y - 0.08, y + 0.08), (0, 2.4))


def _hall(
    model: Model, rng: np.random.Generator, width: float, depth: float, height: float | None
) -> None:
    """A warehouse: metal or brick walls, a low roof, rolling gates."""
    height = rng.uniform(5, 9) if height is None else height
    front = depth / 2
    walls = pick(
        rng,
        [
            draw_finish(rng, 'metal', WALL_COLOURS),
            draw_finish(rng, 'brick'),
            draw_finish(rng, 'concrete'),
        ],
    )
    model.box(walls, across(depth), across(width), (0, height))
    roof = draw_finish(rng, 'metal', ('grey', 'silver', 'brown'))
    side, ridge = width / 2 + 0.2, height + 0.09 * width
    gable = [
        (-side, height - 0.25),
        (side, height - 0.25),
        (side, height - 0.1),
        (0, ridge),
        (-side, height - 0.1),
    ]
    model.hull(roof, [(x, y, z) for x in (-front - 0.2, front + 0.2) for y, z in gable])
    gate = draw_finish(rng, 'metal', CAR_COLOURS)
    for y in np.linspace(-0.5, 0.5, int(np.clip(width // 7, 1, 4)) + 2)[1:-1] * width:
        model.box(gate, (front - 0.1, front + 0.06), (y - 1.8, y + 1.8), (0, 3.8))
    band = GLASS if rng.random() < 0.6 else draw_finish(rng, 'plastic', CAR_COLOURS)
    model.box(band, across(depth + 0.04), across(width - 1), (0.72 * height, 0.84 * height))
    model.box(draw_finish(rng, 'concrete'), across(depth + 0.08), across(width + 0.08), (0, 0.6))


def _shed(
    model: Model, rng: np.random.Generator, width: float, depth: float, height: float | None
) -> None:
    """A garage or a garden shed with a roof that slopes one way."""
    height = rng.uniform(2.3, 3.0) if height is None else height
    front, material = depth / 2, str(rng.choice(['wood', 'plaster', 'metal', 'brick']))
    model.box(draw_finish(rng, material), across(depth), across(width), (0, height))
    model.prism(
        draw_finish(rng, 'metal', ('grey', 'brown', 'green')),
        [
            (-front - 0.15, height - 0.05),
            (front + 0.25, height - 0.05),
            (front + 0.25, height + 0.35),
            (-front - 0.15, height + 0.1),
        ],
        across(width + 0.3),
    )
    door = draw_finish(rng, str(rng.choice(['wood', 'metal'])), WALL_COLOURS)
    model.box(door, (front - 0.1, front + 0.04), across(min(2.6, 0.7 * width)), (0, 2.1))


def _site(
    model: Model, rng: np.random.Generator, width: float, depth: float, height: float | None
) -> None:
    """A building in its bare frame: floors on columns about a core, nets on some sides."""
    height = STOREY * rng.integers(2, 5) if height is None else height
    floors = int(np.clip(round(height / STOREY), 1, 5))
    concrete = draw_finish(rng, 'concrete')
    front, side = depth / 2, width / 2
    for floor in range(1, floors + 1):
        z = floor * height / floors
        model.box(concrete, across(depth), across(width), (z - 0.3, z))
    for x in (-front + 0.4, front - 0.4):
        for y in (-side + 0.4, 0.0, side - 0.4):
            model.box(concrete, (x - 0.22, x + 0.22), (y - 0.22, y + 0.22), (0, height - 0.1))
    model.box(concrete, across(0.35 * depth), across(0.3 * width), (0, height + 1.8))
    net = draw_finish(rng, 'cloth', ('green', 'blue', 'white', 'orange'))
    if rng.random() < 0.6:
        model.box(
            net,
            (front + 0.1, front + 0.14),
            (-side, rng.uniform(-0.2, 1) * side),
            (0.5 * height, height + 0.6),
        )


_Builder = Callable[[Model, np.random.Generator, float, float, float | None], None]
_BUILDERS: dict[str, _Builder] = {
    'flats': _flats,
    'office': _office,
    'shop': _shop,
    'house': _house,
    'hall': _hall,
    'shed': _shed,
    'site': _site,
}


def _add_walls(
    model: Model, rng: np.random.Generator, width: float, depth: float, height: float
) -> None:
    """Add the main body with windows, and often blank side walls (1 to 2 parts)."""
    model.box(draw_finish(rng, 'windows', ()), across(depth), across(width), (0, height))
    if rng.random() < 0.6:
        model.box(draw_masonry(rng), across(depth - 0.1), across(width + 0.03), (0, height - 0.05))


def _add_roof(
    model: Model, rng: np.random.Generator, width: float, depth: float, height: float
) -> None:
    """Add a parapet with a stair head, or a pitched roof (2 parts)."""
    if rng.random() < 0.6 or min(width, depth) > 16:
        model.box(
            draw_masonry(rng),
            across(depth + 0.12),
            across(width + 0.12),
            (height - 0.15, height + rng.uniform(0.2, 0.9)),
        )
        y = rng.uniform(-0.25, 0.25) * width
        model.box(
            draw_finish(rng, 'concrete'),
            across(0.3 * depth),
            (y - 1.6, y + 1.6),
            (height, height + rng.uniform(2.2, 3.0)),
        )
        return
    _add_pitched_roof(
        model, rng, width, depth, (height, height + rng.uniform(0.25, 0.45) * min(width, depth))
    )
    y = rng.uniform(-0.35, 0.35) * width
    model.box(
        draw_finish(rng, 'brick'),
        (-0.4, 0.4),
        (y - 0.4, y + 0.4),
        (height, height + 0.45 * min(width, depth) + 0.8),
    )


def _add_pitched_roof(
    model: Model, rng: np.random.Generator, width: float, depth: float, z: Span
) -> None:
    """Add a gabled or hipped roof (1 part) whose ridge lies along y or x."""
    tiles = draw_finish(rng, 'roof_tiles')
    eaves = [
        (x, y, level)
        for x in (-depth / 2 - 0.35, depth / 2 + 0.35)
        for y in (-width / 2 - 0.35, width / 2 + 0.35)
        for level in (z[0] - 0.1, z[0] + 0.08)
    ]
    hip = rng.choice([-0.35, 0.3 * min(width, depth)])
    if width >= depth:
        ridge = [(0, y * (width / 2 - hip), z[1]) for y in (-1, 1)]
    else:
        ridge = [(x * (depth / 2 - hip), 0, z[1]) for x in (-1, 1)]
    model.hull(tiles, [*eaves, *ridge])


def _add_door(model: Model, rng: np.random.Generator, front: float, y: float) -> None:
    """Add a door (1 part) that stands out of the front by a hand."""
    kind = rng.integers(3)
    door = (
        draw_finish(rng, 'wood'),
        draw_finish(rng, 'metal', CAR_COLOURS),
        BLACK_PLASTIC._replace(tint=COLOURS['grey']),
    )[kind]
    model.box(door, (front - 0.25, front + 0.02), (y - 0.55, y + 0.55), (0, 2.2))
