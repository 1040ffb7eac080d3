"""What stands on one post: lamps, traffic lights, signs, bollards, hydrants, parking meters.

The origin is the foot of the post; arms and faces point to +x.
"""

from __future__ import annotations

import numpy as np

from stslidr_city.catalog.categories import MANMADE
from stslidr_city.catalog.finishes import (
    BLACK_PLASTIC,
    COLOURS,
    LAMP,
    SIGNAL_COLOURS,
    Finish,
    draw_finish,
)
from stslidr_city.catalog.model import Model, Span, across
from stslidr_city.solids.solids import Solid

POST_COLOURS = ('grey', 'grey', 'silver', 'green', 'black', 'white', 'brown')
SIGN_COLOURS = ('red', 'blue', 'white', 'yellow', 'green')


def street_lamp(rng: np.random.Generator, height: float | None = None) -> Solid:
    """A street lamp: a lantern on a low post, or a mast with an arm towards +x; 4 to 5 parts.

    Args:
        rng: draws kind and looks.
        height: metres; drawn from 4 to 10 if None. Lanterns stand on posts below 5 m.
    """
    model = Model()
    height = float(rng.uniform(4.0, 10.0)) if height is None else height
    post = draw_finish(rng, 'metal', POST_COLOURS)
    model.frustum(post, (0, 0, 0), (0, 0, 0.8), 0.11 + 0.005 * height)
    model.frustum(post, (0, 0, 0.7), (0, 0, height - 0.2), 0.09, 0.05)
    if height < 5:
        model.frustum(LAMP, (0, 0, height - 0.5), (0, 0, height - 0.1), 0.12, 0.22)
        model.frustum(post, (0, 0, height - 0.1), (0, 0, height), 0.25, 0.05)
        return model.solid(MANMADE, centred=False)
    reach = float(rng.uniform(1.0, 2.6))
    model.frustum(post, (0, 0, height - 0.35), (reach, 0, height - 0.06), 0.05, 0.035)
    model.box(post, (reach - 0.15, reach + 0.6), across(0.3), (height - 0.1, height))
    model.box(LAMP, (reach - 0.05, reach + 0.5), across(0.24), (height - 0.14, height - 0.09))
    return model.solid(MANMADE, centred=False)


def traffic_light(rng: np.random.Generator, reach: float | None = None) -> Solid:
    """Traffic lights at the post and, on an arm, `reach` m before it (+x); 5 to 10 parts.

    Args:
        rng: draws looks and height.
        reach: length of the arm, metres; 0 for none; drawn if None.
    """
    model = Model()
    if reach is None:
        reach = float(rng.choice([0.0, rng.uniform(3.0, 5.5)]))
    height = 5.9 if reach else float(rng.uniform(3.2, 3.6))
    post = draw_finish(rng, 'metal', POST_COLOURS)
    case = draw_finish(rng, 'plastic', ('black', 'black', 'yellow', 'green', 'grey'))
    model.frustum(post, (0, 0, 0), (0, 0, height), 0.12 if reach else 0.07, 0.06)
    lit = int(rng.integers(3))
    _add_signal(model, case, (0.12, 0.0, 2.4), lit)
    if reach:
        model.frustum(post, (0, 0, height - 0.2), (reach, 0, height - 0.1), 0.07, 0.045)
        _add_signal(model, case, (reach - 0.2, 0.0, height - 1.1), lit)
    return model.solid(MANMADE, centred=False)


def _add_signal(model: Model, case: Finish, at: tuple[float, float, float], lit: int) -> None:
    """Add a case that faces to both sides (+y and -y) and to +x, with three discs (4 parts)."""
    x, y, z = at
    model.box(case, (x - 0.16, x + 0.16), (y - 0.16, y + 0.16), (z, z + 0.98))
    for index, colour in enumerate(('green', 'yellow', 'red')):
        lens = Finish('lamp' if index == lit else 'glass', 0, COLOURS[colour])
        middle = z + 0.18 + 0.31 * index
        model.frustum(lens, (x - 0.17, y, middle), (x + 0.17, y, middle), 0.11)


def traffic_sign(rng: np.random.Generator) -> Solid:
    """A round, triangular, square or direction sign of retroreflector, facing +x; 2 to 3 parts."""
    model = Model()
    height = float(rng.uniform(2.3, 3.0))
    model.frustum(draw_finish(rng, 'metal', POST_COLOURS), (0, 0, 0), (0, 0, height), 0.035)
    top = height - 0.02
    for _ in range(int(rng.integers(1, 3))):
        top = _add_plate(model, rng, top)
    return model.solid(MANMADE, centred=False)


def _add_plate(model: Model, rng: np.random.Generator, top: float) -> float:
    """Add a sign (1 part) that ends at the height `top`; return where the next one may end."""
    face = draw_finish(rng, 'retroreflector', SIGN_COLOURS)
    kind = rng.choice(['round', 'triangle', 'square', 'long'])
    radius = float(rng.uniform(0.27, 0.4))
    middle = top - radius
    if kind == 'round':
        model.frustum(face, (0.036, 0, middle), (0.056, 0, middle), radius)
        return top - 2 * radius - 0.05
    outlines: dict[str, list[Span]] = {
        'triangle': [(-1, -0.7), (1, -0.7), (0, 1)],
        'square': [(-1, -1), (1, -1), (1, 1), (-1, 1)],
        'long': [(-2, 0.2), (1.8, 0.2), (2.2, 0.6), (1.8, 1), (-2, 1)],
    }
    corners = [(radius * y, middle + radius * z) for y, z in outlines[str(kind)]]
    model.hull(face, [(x, y, z) for y, z in corners for x in (0.036, 0.056)])
    return top - (0.9 if kind == 'long' else 2) * radius - 0.05


def bollard(rng: np.random.Generator) -> Solid:
    """A bollard of metal, concrete or plastic, some with a retroreflective band; 1 to 3 parts."""
    model = Model()
    height, radius = float(rng.uniform(0.6, 1.1)), float(rng.uniform(0.05, 0.14))
    material = str(rng.choice(['metal', 'metal', 'concrete', 'plastic']))
    finish = draw_finish(
        rng, material, () if material == 'concrete' else (*POST_COLOURS, 'yellow', 'red')
    )
    model.frustum(finish, (0, 0, 0), (0, 0, height), radius, 0.9 * radius)
    if rng.random() < 0.5:
        model.ellipsoid(finish, (0, 0, height), (radius, radius, radius))
    if rng.random() < 0.4:
        model.frustum(
            draw_finish(rng, 'retroreflector', SIGNAL_COLOURS),
            (0, 0, 0.72 * height),
            (0, 0, 0.85 * height),
            1.02 * radius,
        )
    return model.solid(MANMADE, centred=False)


def utility_pole(rng: np.random.Generator) -> Solid:
    """A wooden or concrete pole of 7 to 10 m with crossbars, 2 to 4 parts."""
    model = Model()
    height = float(rng.uniform(7, 10))
    wood = draw_finish(rng, str(rng.choice(['wood', 'wood', 'concrete'])))
    model.frustum(wood, (0, 0, 0), (0, 0, height), 0.16, 0.11)
    for index in range(int(rng.integers(1, 3))):
        z = height - 0.4 - 0.7 * index
        model.box(wood, across(0.12), across(1.9), (z, z + 0.12))
    if rng.random() < 0.3:
        metal = draw_finish(rng, 'metal')
        model.frustum(metal, (0.35, 0, height - 2.6), (0.35, 0, height - 1.7), 0.25)
    return model.solid(MANMADE, centred=False)


def hydrant(rng: np.random.Generator) -> Solid:
    """A fire hydrant, 5 parts."""
    model = Model()
    iron = draw_finish(rng, 'metal', ('red', 'red', 'yellow', 'silver', 'blue', 'green'))
    height = float(rng.uniform(0.65, 0.9))
    model.frustum(iron, (0, 0, 0), (0, 0, 0.06), 0.17)
    model.frustum(iron, (0, 0, 0.04), (0, 0, 0.8 * height), 0.12, 0.11)
    model.ellipsoid(iron, (0, 0, 0.8 * height), (0.13, 0.13, 0.2 * height))
    z = 0.6 * height
    model.frustum(iron, (0, -0.2, z), (0, 0.2, z), 0.055)
    model.frustum(iron, (0, 0, z), (0.2, 0, z), 0.07)
    return model.solid(MANMADE, centred=False)


def parking_meter(rng: np.random.Generator) -> Solid:
    """A meter on a post, or a ticket machine; 2 to 3 parts, facing +x."""
    model = Model()
    metal = draw_finish(rng, 'metal', POST_COLOURS)
    if rng.random() < 0.5:
        height = float(rng.uniform(1.25, 1.45))
        model.frustum(metal, (0, 0, 0), (0, 0, height - 0.3), 0.04)
        model.ellipsoid(metal, (0, 0, height - 0.22), (0.09, 0.12, 0.22))
        return model.solid(MANMADE, centred=False)
    height = float(rng.uniform(1.5, 1.8))
    model.box(metal, across(0.3), across(0.36), (0, height))
    model.box(BLACK_PLASTIC, (0.1, 0.16), across(0.26), (0.6 * height, 0.85 * height))
    sign = draw_finish(rng, 'retroreflector', ('blue', 'white', 'green'))
    model.box(sign, across(0.03), across(0.36), (height - 0.01, height + 0.36))
    return model.solid(MANMADE, centred=False)
