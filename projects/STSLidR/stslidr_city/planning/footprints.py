"""Who stands where on the ground: rectangles along the city's axes, and turned ones."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

Rectangle = tuple[float, float, float, float]
"""Lowest x, lowest y, highest x, highest y in the city, metres."""


def overlap(first: Rectangle, second: Rectangle) -> bool:
    """Whether two rectangles share more than an edge."""
    return (
        first[0] < second[2]
        and second[0] < first[2]
        and first[1] < second[3]
        and second[1] < first[3]
    )


class Claims:
    """Ground that is taken: who comes first has it.

    Args:
        reserved: rectangles that are taken from the beginning.
    """

    def __init__(self, reserved: Iterable[Rectangle] = ()) -> None:
        self._taken = list(reserved)

    def is_free(self, rectangle: Rectangle) -> bool:
        """Whether `rectangle` overlaps with nothing that is taken."""
        return not any(overlap(rectangle, taken) for taken in self._taken)

    def claim(self, rectangle: Rectangle) -> bool:
        """Take `rectangle` and return True, or return False if a part of it is taken."""
        if not self.is_free(rectangle):
            return False
        self._taken.append(rectangle)
        return True


def turned_rectangles_overlap(
    centres: np.ndarray,
    yaws: np.ndarray,
    size: tuple[float, float],
    other_centres: np.ndarray,
    other_yaws: np.ndarray,
    other_size: tuple[float, float],
) -> np.ndarray:
    """Whether rectangles overlap pair by pair, by the four separating axes.

    Centres are (N, 2) in metres, yaws (N,) headings of the lengths in radians, and a size is
    (length, width) in metres, of all rectangles of one side.

    Returns:
        bool (N,).
    """
    turn = np.asarray(other_yaws) - yaws
    cosine, sine = np.abs(np.cos(turn)), np.abs(np.sin(turn))
    between = np.asarray(other_centres) - centres
    overlaps = np.ones(np.broadcast(between[..., 0], turn).shape, dtype=bool)
    for heading, (length, width), (other_length, other_width) in (
        (yaws, size, other_size),
        (other_yaws, other_size, size),
    ):
        along = np.abs(between[..., 0] * np.cos(heading) + between[..., 1] * np.sin(heading))
        across = np.abs(between[..., 1] * np.cos(heading) - between[..., 0] * np.sin(heading))
        overlaps &= 2 * along < length + other_length * cosine + other_width * sine
        overlaps &= 2 * across < width + other_length * sine + other_width * cosine
    return overlaps
