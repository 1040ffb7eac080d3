"""Things hang together: between a thing's parts gape no more than small, known gaps."""

from __future__ import annotations

import numpy as np
import pytest
from catalog_kinds import KINDS
from solid_probe import pieces, touch

from stslidr_city.catalog.finishes import RUBBER
from stslidr_city.catalog.model import Model

GAPS = {  # metres; where a bracket or an axle is left out, for the sake of few parts
    'truck': 0.4,  # tail lamps under the rear end of a flatbed
    'trailer': 0.24,  # the same
    'construction_vehicle': 0.3,  # wheels beside the frame of a loader
    'bicycle': 0.04,  # the tail lamp behind the wheel
    'ridden_bicycle': 0.04,
    'bicycle_rack': 0.04,
    'motorcycle': 0.06,
    'ridden_motorcycle': 0.06,
    'wheelchair': 0.06,  # wheels beside the seat
    'barrier': 0.12,  # feet under a crowd-control fence
    'debris': 0.2,  # pieces lie beside each other
    'pushable_pullable': 0.04,
    'bus_shelter': 0.04,
    'bare_tree': 0.06,
    'site_building': 0.12,  # the net before the floors
}
CLOSED = 0.02


@pytest.mark.parametrize('kind', KINDS)
def test_no_part_floats(kind):
    for seed in range(3):
        parts = KINDS[kind][0](np.random.default_rng(seed)).parts
        assert len(pieces(parts, GAPS.get(kind, CLOSED))) == 1


def test_the_search_for_gaps_finds_them():
    """Two boxes 10 cm apart and a pole that stands on the second one."""
    model = Model()
    model.box(RUBBER, (0, 1), (0, 1), (0, 1))
    model.box(RUBBER, (1.1, 2), (0, 1), (0, 1))
    model.frustum(RUBBER, (1.5, 0.5, 1.0), (1.5, 0.5, 3), 0.05)
    box, other, pole = model.solid(28).parts
    assert not touch(box, other, 0.05) and touch(box, other, 0.12)
    assert touch(other, pole) and not touch(box, pole, 0.12)
    assert pieces((box, other, pole)) == [[0], [1, 2]]
    assert pieces((box, other, pole), 0.12) == [[0, 1, 2]]
