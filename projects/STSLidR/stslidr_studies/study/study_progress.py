"""One line for each cell that starts or ends, with counts and the time that is left."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterable

from stslidr_studies.study.cells import Cell


class Progress:
    """Says what happens and estimates what is left.

    A cell is expected to take the mean of the finished ones of its kind; of a kind of which none
    has finished, the mean of all.

    Args:
        cells: all of the study.
        seconds: of those that earlier starts finished.
        processes: how many run side by side.
    """

    def __init__(self, cells: list[Cell], seconds: dict[Cell, float], processes: int) -> None:
        self._cells = cells
        self._seconds = dict(seconds)
        self._processes = processes
        self._begun = time.monotonic()
        self._running: dict[Cell, float] = {}
        self._lost: set[Cell] = set()

    def start(self, cell: Cell) -> None:
        """Say that a cell starts."""
        self._running[cell] = time.monotonic()
        self._say('started', cell)

    def finish(self, cell: Cell, seconds: float, note: str = '') -> None:
        """Say that a cell has ended well, after `seconds` in all."""
        del self._running[cell]
        self._seconds[cell] = seconds
        self._say('finished', cell, f' in {clock(seconds)}{note}')

    def fail(self, cell: Cell, dependents: Iterable[Cell]) -> None:
        """Say that a cell failed, and do not expect it and its dependents any more."""
        del self._running[cell]
        self._lost.update((cell, *dependents))
        self._say('FAILED', cell)

    def _say(self, event: str, cell: Cell, detail: str = '') -> None:
        left = self.seconds_left()
        eta = '?' if left is None else clock(left)
        count = f'[{len(self._seconds)}/{len(self._cells)}]'
        elapsed = clock(time.monotonic() - self._begun)
        print(f'{count} {event} {cell.name}{detail} (elapsed {elapsed}, ETA {eta})', flush=True)

    def seconds_left(self) -> float | None:
        """Estimated seconds until the last cell ends; None before the first has ended."""
        todo = [
            cell for cell in self._cells if cell not in self._seconds and cell not in self._lost
        ]
        if not todo:
            return 0.0
        if not self._seconds:
            return None
        by_kind = defaultdict(list)
        for cell, seconds in self._seconds.items():
            by_kind[cell.kind].append(seconds)
        every = list(self._seconds.values())
        now = time.monotonic()
        total = 0.0
        for cell in todo:
            known = by_kind.get(cell.kind, every)
            done = now - self._running[cell] if cell in self._running else 0.0
            total += max(0.0, sum(known) / len(known) - done)
        return total / min(self._processes, len(todo))


def clock(seconds: float) -> str:
    """Seconds as h:mm:ss."""
    minutes, rest = divmod(round(seconds), 60)
    return f'{minutes // 60}:{minutes % 60:02d}:{rest:02d}'
