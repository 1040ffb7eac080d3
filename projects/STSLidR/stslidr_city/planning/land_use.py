"""What the land is used for: styles of blocks by neighbourhood, lots by style, covers by lot."""

from __future__ import annotations

from typing import NamedTuple

from stslidr_city.catalog.categories import DRIVEABLE_SURFACE, OTHER_FLAT, SIDEWALK, TERRAIN

VERGE_DEPTHS = (0.15, 1.6)  # metres behind the kerb; trees and lamps stand there
LAYER = 0.03  # how much one ground cover lies above the one below it, metres

BLOCK_STYLES = {
    'downtown': {'downtown': 0.72, 'parking': 0.06, 'park': 0.16, 'construction': 0.06},
    'residential': {'residential': 0.74, 'park': 0.12, 'downtown': 0.10, 'construction': 0.04},
    'park': {'park': 0.46, 'residential': 0.32, 'downtown': 0.18, 'construction': 0.04},
    'industrial': {'industrial': 0.56, 'parking': 0.14, 'downtown': 0.16, 'construction': 0.14},
    'parking': {'parking': 0.40, 'downtown': 0.32, 'industrial': 0.14, 'park': 0.14},
}
"""Shares of the blocks' styles by neighbourhood."""
VERGES = {
    'downtown': 0.55,
    'residential': 0.9,
    'park': 0.9,
    'industrial': 0.6,
    'parking': 0.6,
    'construction': 0.6,
}
"""Shares of the blocks with a strip of grass along the kerb, by style."""


class LotStyle(NamedTuple):
    """How the lots of a block are.

    Args:
        kinds: shares of the kinds of lots.
        width: range, metres.
        depth: range, metres.
    """

    kinds: dict[str, float]
    width: tuple[float, float]
    depth: tuple[float, float]


LOT_STYLES = {
    'downtown': LotStyle(
        {'building': 0.84, 'plaza': 0.08, 'yard': 0.04, 'garden': 0.04}, (13, 26), (12, 17)
    ),
    'residential': LotStyle({'house': 0.84, 'garden': 0.16}, (13, 19), (14, 18)),
    'industrial': LotStyle({'shed': 0.62, 'yard': 0.22, 'building': 0.16}, (18, 32), (14, 18)),
}
"""Blocks of other styles have no lots."""
LOT_COVERS = {
    'building': (
        (SIDEWALK, 'paving'),
        (SIDEWALK, 'concrete'),
        (SIDEWALK, 'stone'),
        (OTHER_FLAT, 'paving'),
        (TERRAIN, 'grass'),
        (TERRAIN, 'grass'),
    ),
    'house': ((TERRAIN, 'grass'),),
    'garden': ((TERRAIN, 'grass'), (TERRAIN, 'soil'), (TERRAIN, 'grass')),
    'plaza': (
        (OTHER_FLAT, 'paving'),
        (OTHER_FLAT, 'stone'),
        (OTHER_FLAT, 'concrete'),
        (SIDEWALK, 'brick'),
        (SIDEWALK, 'paving'),
    ),
    'yard': (
        (DRIVEABLE_SURFACE, 'asphalt'),
        (TERRAIN, 'gravel'),
        (OTHER_FLAT, 'concrete'),
        (DRIVEABLE_SURFACE, 'concrete'),
    ),
    'shed': (
        (TERRAIN, 'gravel'),
        (DRIVEABLE_SURFACE, 'concrete'),
        (TERRAIN, 'grass'),
        (SIDEWALK, 'asphalt'),
    ),
}
"""What covers the ground of a lot, all as likely; (category, material)."""
INTERIOR_COVERS = {
    'downtown': ((SIDEWALK, 'concrete'),),
    'residential': ((TERRAIN, 'grass'),),
    'industrial': ((TERRAIN, 'gravel'), (SIDEWALK, 'concrete')),
    'park': ((TERRAIN, 'grass'),),
    'construction': ((TERRAIN, 'soil'), (TERRAIN, 'gravel')),
    'parking': (
        (DRIVEABLE_SURFACE, 'asphalt'),
        (DRIVEABLE_SURFACE, 'concrete'),
        (DRIVEABLE_SURFACE, 'paving'),
    ),
}
"""What covers the ground within the sidewalks, under the lots, by block style."""
SIDEWALK_MATERIALS = ('paving', 'paving', 'concrete', 'concrete', 'asphalt', 'brick', 'stone')
