"""Worker processes of dataloaders end with their loop, not with the process.

What Python ends as it exits looks to torch like a worker that was killed, and torch says so, with a
traceback, after a run that ended well.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from mmengine.runner import BaseLoop


def end_workers(loops: Iterable[BaseLoop | dict | None]) -> None:
    """End the workers that the loaders of these loops keep for a next epoch (persistent_workers).

    Args:
        loops: those that have not been built, or are not there, have no workers.
    """
    for loop in loops:
        loader: Any = getattr(loop, 'dataloader', None)
        iterator = getattr(loader, '_iterator', None)
        if iterator is not None:
            loader._iterator = None
            iterator._shutdown_workers()  # an error's traceback may hold it for longer
