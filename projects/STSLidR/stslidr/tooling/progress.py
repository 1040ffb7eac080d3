"""Progress of long work: a bar with rate and remaining time."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import TypeVar

from tqdm import tqdm

Result = TypeVar('Result')

REDRAW_SECONDS = 0.2
LOG_FILE_REDRAW_SECONDS = 30.0


def show_progress(
    results: Iterable[Result], total: int, finished: int, description: str
) -> Iterator[Result]:
    """Pass `results` on and draw a bar with rate and remaining time on stderr.

    Args:
        results: one for each item still to do.
        total: number of items, with those finished by earlier runs.
        finished: number of items finished by earlier runs; they do not count for the rate.
        description: what stands before the bar.
    """
    seconds = REDRAW_SECONDS if sys.stderr.isatty() else LOG_FILE_REDRAW_SECONDS
    with tqdm(total=total, initial=finished, desc=description, mininterval=seconds) as bar:
        for result in results:
            bar.update()
            yield result
