"""One info file a split, and one line that says what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from stslidr.files.infos import write_infos


def write_split(
    path: str | Path,
    metainfo: dict[str, Any],
    samples: Sequence[dict[str, Any]],
    contents: str,
) -> str:
    """Write a split's samples as an info file; a split without samples writes no file.

    Args:
        path: the info file.
        metainfo: about the data set, with the `split`.
        samples: entries of the data list, whose `sample_idx` is set here to their position.
        contents: what the split holds or lacks, for the line that is returned.

    Returns:
        What was done, in one line.
    """
    if not samples:
        return f'{metainfo["split"]}: no file written, {contents}'
    write_infos(path, metainfo, [
        {'sample_idx': position, **sample} for position, sample in enumerate(samples)])
    return f'{metainfo["split"]}: {len(samples)} samples ({contents}) -> {path}'
