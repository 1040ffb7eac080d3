"""What is measured: a part, and two formulations of it on the same inputs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

OURS, PUBLISHED, FLOOR = 'ours', 'published', 'floor'


@dataclass(frozen=True)
class Case:
    """One part at one size.

    Args:
        ours: computes what this project computes; the same inputs in each call.
        published: computes it as the published formulation does.
        compare: (result of ours, of published) -> quantity -> largest relative difference.
        floor: what cannot be done without, such as the matrix products alone; None if nothing.
    """

    ours: Callable[[], Any]
    published: Callable[[], Any]
    compare: Callable[[Any, Any], Mapping[str, float]]
    floor: Callable[[], Any] | None = None

    def side(self, name: str) -> Callable[[], Any]:
        """One of `OURS`, `PUBLISHED` and `FLOOR`."""
        called = {OURS: self.ours, PUBLISHED: self.published, FLOOR: self.floor}[name]
        assert called is not None, f'there is no {name}'
        return called

    @property
    def sides(self) -> tuple[str, ...]:
        """Those that there are."""
        return (OURS, PUBLISHED) if self.floor is None else (OURS, PUBLISHED, FLOOR)


@dataclass(frozen=True)
class BenchmarkedPart:
    """A part of a pretraining.

    Args:
        name: on the command line.
        title: in the tables.
        unit: what its size counts.
        size: the one that the first table is about.
        growth: those of the table of growth, rising.
        make: (size, device) -> the case.
        floor: what the floor is, in words; None where the case has none.
        devices: where it can run.
    """

    name: str
    title: str
    unit: str
    size: int
    growth: tuple[int, ...]
    make: Callable[[int, str], Case]
    floor: str | None = None
    devices: tuple[str, ...] = ('cpu', 'cuda')


def relative_difference(one: Any, other: Any) -> float:
    """Largest difference of two arrays or tensors, over the largest absolute value of `other`."""
    scale = float(abs(other).max())
    return float(abs(one - other).max()) / (scale or 1.0)
