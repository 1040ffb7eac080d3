"""What all road vehicles have: wheels, lights and licence plates."""

from __future__ import annotations

from collections.abc import Sequence

from stslidr_city.catalog.finishes import CHROME, LAMP, PLATE, RUBBER, TAIL_LAMP, Finish
from stslidr_city.catalog.model import Model, Span, across, both_sides

GAP = 0.012
"""By how much lights, wheels and window bands stand out of a body, metres."""


def add_axles(
    model: Model,
    axles: Sequence[float],
    width: float,
    radius: float,
    tyre_width: float = 0.24,
    hub: Finish = CHROME,
) -> None:
    """Add two wheels and their hubs (3 parts) for each x in `axles`."""
    for axle in axles:
        for side in both_sides(width / 2 - tyre_width, width / 2 - GAP / 4):
            model.wheel(RUBBER, axle, side, radius)
        model.frustum(hub, (axle, -width / 2, radius), (axle, width / 2, radius), 0.6 * radius)


def add_wide_axles(
    model: Model, axles: Sequence[float], width: float, radius: float, finish: Finish = RUBBER
) -> None:
    """Add a wheel as wide as the vehicle (1 part) for each x in `axles`: twin tyres, hidden behind.

    Of a lorry's axle only the outer faces and the low strip under the frame are seen.
    """
    for axle in axles:
        model.wheel(finish, axle, across(width), radius)


def add_lights(model: Model, length: float, width: float, front: Span, rear: Span) -> None:
    """Add two head lamps and two tail lamps (4 parts) at these spans in z to a body's ends."""
    for side in both_sides(0.34 * width, width / 2 - GAP / 2):
        model.box(LAMP, (length / 2 - 0.18, length / 2), side, front)
        model.box(TAIL_LAMP, (-length / 2, -length / 2 + 0.14), side, rear)


def add_plates(model: Model, length: float, z: Span) -> None:
    """Add a licence plate to each end (2 parts)."""
    for low, high in both_sides(length / 2 - 0.03, length / 2 - GAP / 4):
        model.box(PLATE, (low, high), across(0.52), z)
