"""Trees, bushes and hedges (vegetation), and mounds of earth (terrain).

A tree's origin is the foot of its trunk, whose first centimetres are below the ground.
"""

from __future__ import annotations

import numpy as np

from stslidr_city.catalog.categories import TERRAIN, VEGETATION
from stslidr_city.catalog.finishes import Finish, draw_finish, vary
from stslidr_city.catalog.model import Model, across
from stslidr_city.solids.solids import Solid

TREE_KINDS = ('broadleaf', 'slender', 'conifer', 'palm', 'bare')
TREE_SHARES = (0.55, 0.13, 0.17, 0.07, 0.08)
ROOT = 0.1  # metres by which what grows reaches below the ground
GOLDEN_ANGLE = np.pi * (3 - 5**0.5)


def tree(rng: np.random.Generator, height: float | None = None, kind: str | None = None) -> Solid:
    """A tree, at most 16 parts.

    Args:
        rng: draws shape and looks, and what is None.
        height: metres; 4 to 14 if drawn.
        kind: one of `TREE_KINDS`.

    Raises:
        ValueError: if there is no such kind.
    """
    if kind is None:
        kind = str(rng.choice(TREE_KINDS, p=TREE_SHARES))
    if kind not in TREE_KINDS:
        raise ValueError(f'no kind of tree {kind!r}; there are {TREE_KINDS}')
    height = float(rng.uniform(4.0, 14.0)) if height is None else height
    model = Model()
    {
        'broadleaf': _add_broadleaf,
        'slender': _add_slender,
        'conifer': _add_conifer,
        'palm': _add_palm,
        'bare': _add_bare,
    }[kind](model, rng, height)
    return model.solid(VEGETATION, centred=False)


def bush(rng: np.random.Generator) -> Solid:
    """A bush of 0.5 to 2 m, 3 to 6 clusters of leaves."""
    model = Model()
    height = float(rng.uniform(0.5, 2.0))
    leaves = draw_finish(rng, 'leaves')
    turn = rng.uniform(0, 2 * np.pi)
    for index in range(int(rng.integers(2, 6))):
        radii = height * rng.uniform(0.28, 0.5, 3)
        aside = rng.uniform(0.25, 0.45) * height * (index > 0)
        lower = rng.uniform(0, 0.25) * height * (index > 0)
        at = max(height - radii[2] - lower, radii[2])
        angle = turn + index * GOLDEN_ANGLE
        model.ellipsoid(
            _shaded(rng, leaves), (aside * np.cos(angle), aside * np.sin(angle), at), radii
        )
    model.ellipsoid(leaves, (0, 0, 0.25 * height), (0.45 * height, 0.45 * height, 0.25 * height))
    return model.solid(VEGETATION)


def hedge(rng: np.random.Generator, length: float, height: float | None = None) -> Solid:
    """A clipped hedge of `length` m along y with a slightly uneven top; 2 to 5 parts.

    Args:
        rng: draws looks.
        length: metres, along y.
        height: metres; drawn from 0.7 to 2.2 if None.
    """
    model = Model()
    height = float(rng.uniform(0.7, 2.2)) if height is None else height
    depth = float(rng.uniform(0.5, 0.9))
    leaves = draw_finish(rng, 'leaves')
    edges = np.linspace(-length / 2, length / 2, int(np.clip(length // 3, 2, 5)) + 1)
    for low, high in zip(edges[:-1], edges[1:], strict=True):
        thick, top = depth * rng.uniform(0.88, 1), height * rng.uniform(0.93, 1)
        model.loft(
            _shaded(rng, leaves),
            (across(thick), (low, high)),
            (across(0.8 * thick), (low, high)),
            (0, top),
        )
    return model.solid(VEGETATION)


def planter(rng: np.random.Generator) -> Solid:
    """A tub and 3 to 5 clusters of leaves in it; nuScenes counts potted plants as vegetation."""
    model = Model()
    width, depth = float(rng.uniform(0.8, 2.4)), float(rng.uniform(0.5, 0.9))
    rim = float(rng.uniform(0.3, 0.6))
    tub = draw_finish(rng, str(rng.choice(['concrete', 'wood', 'stone', 'metal'])))
    model.loft(
        tub, (across(0.85 * depth), across(0.95 * width)), (across(depth), across(width)), (0, rim)
    )
    leaves = draw_finish(rng, 'leaves')
    count = int(rng.integers(3, 6))
    for y in np.linspace(-0.5, 0.5, count) * (width - 0.5):
        radii = rng.uniform((0.4 * depth, 0.26, 0.2), (0.5 * depth, 0.34, 0.6))
        model.ellipsoid(_shaded(rng, leaves), (0, y, rim), np.minimum(radii, (9, 9, rim)))
    return model.solid(VEGETATION)


def mound(rng: np.random.Generator, width: float, depth: float) -> Solid:
    """A rise of the ground, the upper part of one or two flat ellipsoids; class terrain.

    Args:
        rng: draws height and cover.
        width: metres along y, at the ground.
        depth: metres along x, at the ground.
    """
    model = Model()
    cover = draw_finish(rng, str(rng.choice(['grass', 'grass', 'grass', 'soil', 'gravel'])))
    height = float(rng.uniform(0.06, 0.14)) * min(width, depth)
    sunk = float(rng.uniform(0.5, 1.5)) * height  # below the ground
    reach = 1 / np.sqrt(1 - (sunk / (height + sunk)) ** 2)
    radii = np.array([depth / 2 * reach, width / 2 * reach, height + sunk])
    sizes = [1.0] if rng.random() < 0.5 else rng.uniform(0.6, 0.8, 2).tolist()
    turn = rng.uniform(0, 2 * np.pi)
    for index, size in enumerate(sizes):  # two overlap, each at its end of the plot
        angle = turn + np.pi * index
        x, y = (1 - size) / 2 * np.array([depth * np.cos(angle), width * np.sin(angle)])
        model.ellipsoid(cover, (x, y, -sunk * size), size * radii)
    return model.solid(TERRAIN, centred=False)


def _shaded(rng: np.random.Generator, leaves: Finish) -> Finish:
    """The same leaves, a little lighter or darker."""
    return leaves._replace(tint=vary(rng, leaves.tint, 0.1))


def _add_trunk(
    model: Model, rng: np.random.Generator, top: float, radius: float, lean: float = 0.03
) -> np.ndarray:
    """Add a trunk (1 part) up to about `top`, and return where it ends (3,)."""
    end = np.array([*rng.normal(0, lean * top, 2), top])
    model.frustum(draw_finish(rng, 'bark'), (0, 0, -ROOT), end, radius, 0.55 * radius)
    return end


def _add_broadleaf(model: Model, rng: np.random.Generator, height: float) -> None:
    """A crown of 8 to 12 clusters spread over an ellipsoid, and two boughs."""
    bole = height * rng.uniform(0.25, 0.4)
    end = _add_trunk(model, rng, bole + 0.15 * height, 0.02 * height + 0.05)
    crown = (height - bole) / 2
    spread = crown * rng.uniform(0.75, 1.15)
    middle = np.array([end[0], end[1], bole + crown])
    leaves = draw_finish(rng, 'leaves')
    count = int(rng.integers(8, 13))
    turn = rng.uniform(0, 2 * np.pi)
    for index in range(count):
        level = 1 - 2 * (index + 0.5) / count  # evenly over a sphere, from the top down
        angle = turn + index * GOLDEN_ANGLE + rng.normal(0, 0.25)
        ring = np.sqrt(1 - level**2)
        radii = crown * rng.uniform(0.32, 0.52) * rng.uniform((0.9, 0.9, 0.7), (1.3, 1.3, 1.0))
        at = np.array([ring * np.cos(angle), ring * np.sin(angle), level])
        outside = middle + at * (spread, spread, crown)
        model.ellipsoid(_shaded(rng, leaves), outside - at * radii, radii)
    model.ellipsoid(_shaded(rng, leaves), middle, 0.6 * np.array([spread, spread, crown]))
    bark = draw_finish(rng, 'bark')
    for index in range(2):
        angle = turn + index * np.pi + rng.normal(0, 0.5)
        aside = 0.6 * spread * np.array([np.cos(angle), np.sin(angle), 0])
        model.frustum(
            bark,
            end - (0, 0, 0.2 * height),
            middle + aside - (0, 0, 0.2 * crown),
            0.012 * height,
            0.005 * height,
        )


def _add_slender(model: Model, rng: np.random.Generator, height: float) -> None:
    """A poplar or cypress: 4 to 6 tall clusters one over the other."""
    end = _add_trunk(model, rng, 0.4 * height, 0.015 * height + 0.04, 0.01)
    leaves = draw_finish(rng, 'leaves')
    foot, count = height * rng.uniform(0.08, 0.2), int(rng.integers(4, 7))
    step = (height - foot) / (count + 1)
    width = height * rng.uniform(0.09, 0.15)
    for index in range(count):
        girth = width * (1.1 - 0.6 * index / count) * rng.uniform(0.9, 1.1)
        x, y = end[:2] + rng.normal(0, 0.15 * width, 2)
        model.ellipsoid(
            _shaded(rng, leaves), (x, y, foot + (index + 1) * step), (girth, girth, 1.0 * step)
        )


def _add_conifer(model: Model, rng: np.random.Generator, height: float) -> None:
    """4 to 6 cones one over the other."""
    _add_trunk(model, rng, 0.5 * height, 0.015 * height + 0.04, 0.0)
    needles = draw_finish(rng, 'leaves')
    needles = needles._replace(tint=vary(rng, (0.7, 0.75, 0.7)))
    foot, width = height * rng.uniform(0.08, 0.25), height * rng.uniform(0.16, 0.26)
    count = int(rng.integers(4, 7))
    levels = np.linspace(foot, height, count + 1)
    for index in range(count):
        top = levels[index + 1] + (0 if index == count - 1 else 0.6 * (levels[1] - foot))
        base = width * (1 - index / (count + 0.3))
        model.frustum(_shaded(rng, needles), (0, 0, levels[index]), (0, 0, top), base, 0.12 * base)


def _add_palm(model: Model, rng: np.random.Generator, height: float) -> None:
    """A slender trunk with 9 drooping fronds, each a bent flat leaf."""
    end = _add_trunk(model, rng, 0.9 * height, 0.012 * height + 0.08, 0.04)
    leaves = draw_finish(rng, 'leaves')
    length = min(0.35 * height, 2.6)
    model.ellipsoid(leaves, end, (0.35, 0.35, 0.45))
    for index in range(9):
        angle = 2 * np.pi * (index + rng.uniform(-0.2, 0.2)) / 9
        out = np.array([np.cos(angle), np.sin(angle), 0])
        left = np.array([-out[1], out[0], 0]) * 0.32
        rise, droop = rng.uniform(0.15, 0.5) * length, rng.uniform(0.1, 0.6) * length
        bend, tip = end + 0.55 * length * out, end + length * out
        bend[2] += rise
        tip[2] += rise - droop
        vertices = [
            end + (0, 0, 0.1),
            end - (0, 0, 0.1),
            bend + left,
            bend - left,
            bend + (0, 0, 0.12),
            tip,
        ]
        model.hull(_shaded(rng, leaves), vertices)


def _add_bare(model: Model, rng: np.random.Generator, height: float) -> None:
    """A tree without leaves: a trunk, 5 boughs, and 2 twigs on each of them."""
    end = _add_trunk(model, rng, 0.45 * height, 0.018 * height + 0.05)
    bark = draw_finish(rng, 'bark')
    turn = rng.uniform(0, 2 * np.pi)
    for index in range(5):
        angle = turn + index * 2 * np.pi / 5 + rng.normal(0, 0.2)
        out = np.array([np.cos(angle), np.sin(angle), 0])
        start = end * (1, 1, rng.uniform(0.75, 1.0))
        tip = start + rng.uniform(0.12, 0.25) * height * out
        tip[2] = height * (1.0 if index == 0 else rng.uniform(0.7, 0.97))
        model.frustum(bark, start, tip, 0.011 * height, 0.004 * height)
        for _ in range(2):
            at = start + (tip - start) * rng.uniform(0.35, 0.8)
            twig = height * rng.uniform((-0.14, -0.14, 0.04), (0.14, 0.14, 0.15))
            model.frustum(bark, at, at + twig, 0.005 * height, 0.002 * height)
