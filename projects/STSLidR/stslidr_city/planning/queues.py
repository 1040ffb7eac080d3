"""Who waits: vehicles before red lights, and people who stroll along a block without crossing."""

from __future__ import annotations

import math

import numpy as np

from stslidr_city.planning.chance import choose
from stslidr_city.planning.ego_guard import EgoGuard
from stslidr_city.planning.kerbside import WALKWAYS
from stslidr_city.planning.motions import Queueing, Strolling, Track
from stslidr_city.planning.placing import IN_USE, Placer
from stslidr_city.planning.plan import Frontage
from stslidr_city.planning.roadway import Stretch
from stslidr_city.planning.streets import SIDES, STOP_LINE
from stslidr_city.planning.traffic import LANE_KINDS, WALKER_KINDS

QUEUE_LENGTHS = (0.46, 0.30, 0.16, 0.08)
"""Shares of the lanes with 0, 1, 2 and 3 vehicles before the light."""


def put_queues(placer: Placer, rng: np.random.Generator, stretch: Stretch, guard: EgoGuard) -> None:
    """Put vehicles that wait, or are about to, at both ends of a stretch of street."""
    for side in SIDES:
        heading = -side
        line = stretch.end - STOP_LINE if heading > 0 else stretch.start + STOP_LINE
        room = stretch.end - stretch.start - 2 * STOP_LINE - 12
        for lane in range(stretch.street.lanes_on(side)):
            lateral = stretch.street.lane_lateral(side, lane) + rng.uniform(-0.15, 0.15)
            track = Track(placer.frame, stretch.street, lateral, heading)
            count = int(rng.choice(len(QUEUE_LENGTHS), p=QUEUE_LENGTHS))
            _queue_up(placer, rng, track, line, count, room, guard)


def _queue_up(
    placer: Placer,
    rng: np.random.Generator,
    track: Track,
    line: float,
    count: int,
    room: float,
    guard: EgoGuard,
) -> None:
    """Put `count` vehicles behind the line; the last one may still be on its way."""
    behind = float(rng.uniform(0.6, 1.6))
    for place in range(count):
        kind = choose(rng, LANE_KINDS)
        solid = placer.stock.draw(kind, rng)
        length = float(solid.bounds[1, 0] - solid.bounds[0, 0])
        arrives = place == count - 1 and rng.random() < 0.5
        speed, stands_at = float(rng.uniform(5, 10)), float(rng.uniform(0.5, 4.5))
        behind += length / 2
        motion = Queueing(
            track, line - track.heading * behind, speed, stands_at if arrives else -math.inf
        )
        if behind + motion.remaining(0.0) + length / 2 > room:
            return
        if not guard.meets(motion, solid):
            placer.add(solid, motion, IN_USE)
        behind += length / 2 + float(rng.uniform(1.5, 3.0))


def put_strollers(
    placer: Placer,
    rng: np.random.Generator,
    frontage: Frontage,
    ground: float,
    mean: float,
    guard: EgoGuard,
) -> None:
    """Put people who walk to and fro along a block's side, at most one on each walkway.

    Args:
        placer: collects them.
        rng: draws them.
        frontage: the block's side.
        ground: height of the sidewalk, metres.
        mean: number of people in 100 m.
        guard: keeps clear of the ego vehicle.
    """
    length = frontage.end - frontage.start - 8
    for depth in WALKWAYS:
        if length < 10 or rng.random() > mean * length / 100 / len(WALKWAYS):
            continue
        kind = choose(rng, WALKER_KINDS)
        lateral = frontage.lateral(depth)
        track = Track(placer.frame, frontage.street, lateral, 1, height=lambda along: ground)
        motion = Strolling(
            track,
            frontage.start + 4,
            length,
            float(rng.uniform(0.9, 1.6)),
            float(rng.uniform(0, 2 * length)),
        )
        solid = placer.stock.draw(kind, rng)
        if not guard.meets(motion, solid):
            placer.add(solid, motion)
