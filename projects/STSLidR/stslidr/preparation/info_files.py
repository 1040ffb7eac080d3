"""Info files, one a split, into a folder that can take them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from stslidr.errors import FileAccessError
from stslidr.files.info_layout import InfoHead, SampleInfo
from stslidr.files.infos import write_infos


def check_folder(folder: str | Path) -> None:
    """See that info files can be written to a folder, before what goes into them is gathered.

    Args:
        folder: may be missing; it is not made here.

    Raises:
        FileAccessError: it, or the folder that it would be made in, is no folder or is read-only;
            says what to do.
    """
    nearest = next(
        path
        for path in (Path(folder).absolute(), *Path(folder).absolute().parents)
        if path.exists()
    )
    if not nearest.is_dir() or not os.access(nearest, os.W_OK | os.X_OK):
        raise FileAccessError(
            f'info files cannot be written to {folder}: {nearest} is '
            f'{"read-only" if nearest.is_dir() else "no folder"}; choose another one with --out'
        )


def write_split(
    path: str | Path, metainfo: InfoHead, samples: Sequence[SampleInfo], contents: str
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
    write_infos(
        path,
        metainfo,
        [{'sample_idx': position, **sample} for position, sample in enumerate(samples)],
    )
    return f'{metainfo["split"]}: {len(samples)} samples ({contents}) -> {path}'
