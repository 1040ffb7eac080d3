"""Every way to a checkpoint goes through one reader in which nothing runs.

mmengine loads what an address serves, and what `init_cfg` names, by unpickling it, which runs what
is in it. Here its table of loaders is replaced: files are read as a `Checkpoint`, addresses are
refused.
"""

from __future__ import annotations

from typing import Any, NoReturn

from mmengine.runner import CheckpointLoader

from stslidr.checkpoints.checkpoint import Checkpoint
from stslidr.errors import InputError

LOCAL = ''
"""mmengine's prefix of files."""


def refuse_address(filename: str, *_: Any, **__: Any) -> NoReturn:
    """Raise InputError: what is served somewhere could be anything."""
    raise InputError(
        f'{filename} is an address, from which no weights are loaded: download the file, compare '
        'its SHA-256 with the published one, and name the file'
    )


def _read_file(filename: str, map_location: Any = None) -> dict[str, Any]:
    return Checkpoint.read(filename).copy_content()


def load_checkpoints_safely() -> None:
    """From now on, mmengine reads checkpoints as above; for this process."""
    for prefix in list(CheckpointLoader._schemes):
        loader = _read_file if prefix == LOCAL else refuse_address
        CheckpointLoader.register_scheme(prefix, loader=loader, force=True)


def refuse_addresses(path: str | None) -> None:
    """Raise InputError if a checkpoint is named by an address."""
    if path is not None and '://' in path:
        refuse_address(path)
