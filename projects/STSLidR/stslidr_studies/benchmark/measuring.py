"""Seconds of interleaved calls in one process, and memory of each side in a process of its own."""

from __future__ import annotations

import math
import multiprocessing
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import median
from typing import Any

import torch

from stslidr.errors import WorkerDiedError
from stslidr_studies.benchmark.case import OURS, PUBLISHED, BenchmarkedPart, Case

RESET, STATUS = Path('/proc/self/clear_refs'), Path('/proc/self/status')
WARM_UP = 64
"""A case this many times smaller is run first, so that libraries are loaded."""


@dataclass(frozen=True)
class Measured:
    """One part at one size.

    Args:
        part: its name.
        size: in the part's unit.
        seconds: side -> those of each call, in the order of the rounds.
        differences: quantity -> largest relative difference between the sides.
        mebibytes: side -> most memory beside the inputs; empty where it was not measured.
    """

    part: str
    size: int
    seconds: Mapping[str, Sequence[float]]
    differences: Mapping[str, float]
    mebibytes: Mapping[str, float]

    def median(self, side: str) -> float:
        """Seconds of one side."""
        return median(self.seconds[side])

    @property
    def ratios(self) -> list[float]:
        """Seconds of the published side over ours, round by round, sorted."""
        pairs = zip(self.seconds[PUBLISHED], self.seconds[OURS], strict=True)
        return sorted(published / ours for published, ours in pairs)

    @property
    def ratio(self) -> tuple[float, float, float]:
        """Median, lowest and highest of the ratios."""
        return median(self.ratios), self.ratios[0], self.ratios[-1]


def measure(
    part: BenchmarkedPart, size: int, device: str, rounds: int, with_memory: bool = True
) -> Measured:
    """Time all sides of a part, one after the other in each round; the first round warms up.

    Raises:
        WorkerDiedError: a process in which memory is measured dies.
    """
    case = part.make(size, device)
    seconds: dict[str, list[float]] = {side: [] for side in case.sides}
    differences = case.compare(case.ours(), case.published())
    for _ in range(rounds):
        for side, own in seconds.items():
            own.append(_time(case.side(side), device))
    del case
    sides = (OURS, PUBLISHED) if with_memory else ()
    memory = {side: peak_memory(part, side, size, device) for side in sides}
    return Measured(part.name, size, seconds, differences, memory)


def _time(call: Callable[[], Any], device: str) -> float:
    _wait(device)
    start = time.perf_counter()
    call()
    _wait(device)
    return time.perf_counter() - start


def _wait(device: str) -> None:
    if device == 'cuda':
        torch.cuda.synchronize()


def peak_memory(part: BenchmarkedPart, side: str, size: int, device: str) -> float:
    """Most memory of one call beside its inputs, MiB, in a fresh process.

    Raises:
        WorkerDiedError: the process dies, as where memory ends.
    """
    context = multiprocessing.get_context('spawn')
    receiver, sender = context.Pipe(duplex=False)
    arguments = (part.make, side, size, device, torch.get_num_threads(), sender)
    process = context.Process(target=_send_peak, args=arguments)
    process.start()
    sender.close()
    try:
        found: float = receiver.recv()
    except EOFError:
        process.join()
        raise WorkerDiedError(
            f'{part.name}: the process that measured memory ended with status {process.exitcode}'
        ) from None
    process.join()
    return found


def _send_peak(
    make: Callable[[int, str], Case],
    side: str,
    size: int,
    device: str,
    threads: int,
    sender: Connection,
) -> None:
    torch.set_num_threads(threads)
    make(max(1, size // WARM_UP), device).side(side)()
    call = make(size, device).side(side)
    if device == 'cuda':
        torch.cuda.reset_peak_memory_stats()
        before = torch.cuda.memory_allocated() / 2**20
        call()
        sender.send(torch.cuda.max_memory_allocated() / 2**20 - before)
        return
    RESET.write_text('5')  # what was held while libraries were loaded is forgotten
    before = _status('VmRSS')
    call()
    sender.send(_status('VmHWM') - before)


def _status(name: str) -> float:
    """A line of what Linux tells of this process's memory, MiB."""
    lines = STATUS.read_text().splitlines()
    (line,) = (line for line in lines if line.startswith(f'{name}:'))
    return int(line.split()[1]) / 2**10


def growth_exponent(sizes: Sequence[int], seconds: Sequence[float]) -> float:
    """Slope of log seconds over log size, by least squares: 1 is linear, 2 quadratic."""
    x, y = [math.log(size) for size in sizes], [math.log(one) for one in seconds]
    middle_x, middle_y = sum(x) / len(x), sum(y) / len(y)
    above = sum((a - middle_x) * (b - middle_y) for a, b in zip(x, y, strict=True))
    return above / sum((a - middle_x) ** 2 for a in x)
