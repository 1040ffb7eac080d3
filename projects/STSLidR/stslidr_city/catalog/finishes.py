"""What parts look like: materials with tints from palettes that the classes share.

No colour tells a class: cars, walls, clothes and barriers draw from the same colours.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from stslidr_city.solids.solids import WHITE

Tint = tuple[float, float, float]
LOOKS = 64  # more than any material has: parts take the look modulo their number

COLOURS: dict[str, Tint] = {
    'white': (0.85, 0.85, 0.83),
    'silver': (0.50, 0.51, 0.53),
    'grey': (0.20, 0.21, 0.22),
    'black': (0.035, 0.035, 0.04),
    'blue': (0.06, 0.15, 0.45),
    'navy': (0.03, 0.05, 0.14),
    'red': (0.45, 0.05, 0.04),
    'green': (0.07, 0.26, 0.09),
    'olive': (0.20, 0.22, 0.10),
    'lime': (0.50, 0.70, 0.10),
    'beige': (0.60, 0.50, 0.37),
    'brown': (0.20, 0.11, 0.06),
    'orange': (0.72, 0.25, 0.04),
    'yellow': (0.75, 0.56, 0.06),
    'pink': (0.65, 0.30, 0.36),
    'teal': (0.07, 0.30, 0.32),
}
"""Linear light."""

CAR_COLOURS = (
    *('white', 'white', 'white', 'silver', 'silver', 'grey', 'grey', 'black', 'black'),
    *('blue', 'navy', 'red', 'green', 'beige', 'brown', 'orange'),
)
MACHINE_COLOURS = ('yellow', 'yellow', 'orange', 'white', 'green', 'red', 'grey')
CLOTHES_COLOURS = tuple(COLOURS)
DARK_COLOURS = ('black', 'black', 'grey', 'navy', 'brown', 'green')
WALL_COLOURS = (
    *('white', 'white', 'silver', 'beige', 'beige', 'yellow', 'pink'),
    *('grey', 'teal', 'brown', 'red', 'blue', 'green'),
)
HIGH_VISIBILITY = ('orange', 'orange', 'lime', 'yellow', 'red')
SIGNAL_COLOURS = ('orange', 'orange', 'red', 'lime', 'yellow', 'blue', 'white', 'green')


class Finish(NamedTuple):
    """Material, look and tint of a part, as `stslidr_city.solids.solids.Part` takes them."""

    material: str
    look: int = 0
    tint: Tint = WHITE


GLASS = Finish('glass')
RUBBER = Finish('rubber')
CHROME = Finish('chrome')
LAMP = Finish('lamp')
TAIL_LAMP = Finish('lamp', 0, (0.6, 0.06, 0.05))
PLATE = Finish('retroreflector')
BLACK_PLASTIC = Finish('plastic', 0, COLOURS['black'])


def draw_finish(rng: np.random.Generator, material: str, colours: Sequence[str] = ()) -> Finish:
    """A look of `material`, and a tint of one of `colours`, or near white if there are none."""
    look = int(rng.integers(LOOKS))
    base = COLOURS[str(rng.choice(colours))] if colours else WHITE
    return Finish(material, look, vary(rng, base))


def vary(rng: np.random.Generator, tint: Tint, spread: float = 0.12) -> Tint:
    """`tint` made a little lighter or darker (relative sigma `spread`), and its hue moved."""
    factors = np.exp(spread * rng.normal() + spread / 3 * rng.normal(size=3))
    red, green, blue = np.clip(np.asarray(tint) * factors, 0, 1).tolist()
    return red, green, blue


def pick(rng: np.random.Generator, finishes: Sequence[Finish]) -> Finish:
    """One of `finishes`, all as likely."""
    return finishes[int(rng.integers(len(finishes)))]
