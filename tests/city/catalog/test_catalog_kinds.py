"""What holds for every builder: materials, ground, centre, seeds, no hidden parts, no code."""

from __future__ import annotations

import numpy as np
import pytest
from catalog_kinds import KINDS, SINGLE_FEET, STATIC_KINDS

from stslidr_city.appearance.materials import MATERIALS
from stslidr_city.catalog.finishes import COLOURS

SEEDS = range(8)
MOST_PARTS = {  # with all that a kind may have
    'car': 18,
    'adult': 14,
    'standing_adult': 14,
    'child': 14,
    'police_officer': 14,
    'construction_worker': 14,
    'bus_bendy': 25,
    'ridden_bicycle': 28,
    'ridden_motorcycle': 28,
    'bicycle_rack': 59,
}
SUNK = (*(kind for kind in STATIC_KINDS if kind.endswith('_tree')), 'mound')
PAWS = ('animal',)  # slanted legs end in discs, whose rims dip below the ground


def build(kind, seed):
    return KINDS[kind][0](np.random.default_rng(seed))


def most_parts(kind):
    if kind.endswith('_building'):
        return 14
    return MOST_PARTS.get(kind, 21 if KINDS[kind][1] < 24 else 16)


def fingerprint(solid):
    """All that tells one solid from another: finishes, bounds, and distances along some rays."""
    rng = np.random.default_rng(0)
    low, high = solid.bounds
    origins = rng.normal(size=(64, 3)) * 30
    targets = rng.uniform(low, high, size=(64, 3))
    directions = targets - origins
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    rays = origins.astype(np.float32), directions.astype(np.float32)
    return [
        (
            part.material,
            part.look,
            part.tint,
            part.shape.bounds.tobytes(),
            part.shape.distances(*rays).tobytes(),
        )
        for part in solid.parts
    ]


@pytest.mark.parametrize('kind', KINDS)
def test_parts_category_ground_and_centre(kind):
    for seed in SEEDS:
        solid = build(kind, seed)
        assert solid.category == KINDS[kind][1]
        assert 1 <= len(solid.parts) <= most_parts(kind)
        for part in solid.parts:
            assert part.material in MATERIALS
            assert part.look >= 0 and all(0 <= channel <= 1 for channel in part.tint)
        low, high = solid.bounds
        if kind not in SUNK:
            assert -0.01 * (kind in PAWS) - 1e-9 <= low[2] <= 1e-9
        if kind in SINGLE_FEET or kind in SUNK or kind.endswith('_building'):
            assert (low[:2] < 0).all() and (high[:2] > 0).all()
        else:
            assert np.abs(low + high)[:2].max() / 2 < 1e-6


@pytest.mark.parametrize('kind', KINDS)
def test_the_seed_decides(kind):
    same = [fingerprint(build(kind, 7)) for _ in range(2)]
    assert same[0] == same[1]
    assert len({str(fingerprint(build(kind, seed))) for seed in SEEDS}) == len(SEEDS)


@pytest.mark.parametrize('kind', KINDS)
def test_every_part_is_seen_from_somewhere_above_the_ground(kind):
    """Rays aimed at points in a part's box, from all sides: one at least meets it first.

    The test decides by brute force over all parts, with no help of the caster.
    """
    rng = np.random.default_rng(0)
    for seed in range(2):
        parts = build(kind, seed).parts
        for index, part in enumerate(parts):
            targets = rng.uniform(*part.shape.bounds, size=(400, 3))
            outward = rng.normal(size=(400, 3)) * (1, 1, 0.5)
            outward[:, 2] = np.abs(outward[:, 2]) - 0.05
            outward /= np.linalg.norm(outward, axis=1, keepdims=True)
            origins = targets + 100 * outward
            above = origins[:, 2] > 0.1
            rays = origins[above].astype(np.float32), -outward[above].astype(np.float32)
            distances = np.stack([each.shape.distances(*rays) for each in parts])
            first, depth = distances.argmin(axis=0), distances.min(axis=0)
            height = origins[above][:, 2] - outward[above][:, 2] * np.where(
                np.isfinite(depth), depth, np.inf
            )
            assert ((first == index) & (height > 0)).any(), (seed, index, part.material)


@pytest.mark.parametrize(
    'kind',
    [
        'car',
        'truck',
        'trailer',
        'bus_rigid',
        'construction_vehicle',
        'motorcycle',
        'bicycle',
        'standing_adult',
        'child',
        'barrier',
        'traffic_cone',
        'wall',
        'fence',
        'power_box',
        'kiosk',
    ],
)
def test_no_colour_tells_a_kind(kind):
    """Of some part the tints are near at least three colours of the common palette."""
    palette = np.array(list(COLOURS.values()))
    solids = [build(kind, seed) for seed in range(40)]
    counts = []
    for index in range(min(len(solid.parts) for solid in solids)):
        tints = np.array([solid.parts[index].tint for solid in solids])
        distances = np.abs(np.log(tints[:, None] + 0.02) - np.log(palette + 0.02)).sum(axis=2)
        counts.append(len(set(distances.argmin(axis=1))))
    assert max(counts) >= 3
