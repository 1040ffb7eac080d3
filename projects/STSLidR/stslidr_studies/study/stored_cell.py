"""What ``cell.json`` holds, as types: what a cell is made from, and what came of it."""

from __future__ import annotations

from typing import Any, TypedDict


class _DataHashes(TypedDict):
    data: dict[str, str]
    """File -> SHA-256, of each file that says what data are read; empty where it was left out."""


class FileHashes(_DataHashes, total=False):
    """The files that a cell's results follow from; the second key is left out with the data."""

    image_weights_sha256: str | None
    """Of the file that the image encoder reads; None for weights of the package, and without such
    an encoder."""


class CellSettings(TypedDict):
    """The config of a cell."""

    config_sha256: str
    """Of `settings`."""
    settings: dict[str, Any]
    """The resolved config."""


class CellOrigin(FileHashes, CellSettings):
    """What a cell's results follow from, but for its parent's weights."""

    method: str
    seed: int
    step: str
    config: str
    """Path of the config file."""
    options: dict[str, Any]
    """``--cfg-options``, without the seed."""
    gpus_per_run: int
    commit: str | None
    """None outside a git checkout."""
    changes_sha256: str | None
    """Of uncommitted changes to the source; None without any."""
    version: str
    """Of the package."""


class CellNote(CellOrigin):
    """A cell as its ``cell.json`` has it."""

    parent_checkpoint_sha256: str | None
    """Of the pretraining that a task started from."""
    trained: bool
    checkpoint: str | None
    """Name of the last one; None until the cell is trained."""
    checkpoint_sha256: str | None
    label_split: str | None
    """Known once a task is scored; None for a pretraining."""
    label_split_sha256: str | None
    started: str
    """UTC, as all times."""
    ended: str | None
    """None until the cell is finished."""
    seconds: float
    """Of all its starts together."""
    commands: list[list[str]]
    """All that were started, in order."""


NEEDED: dict[str, tuple[type, ...]] = {
    'trained': (bool,),
    'checkpoint': (str, type(None)),
    'checkpoint_sha256': (str, type(None)),
    'label_split': (str, type(None)),
    'label_split_sha256': (str, type(None)),
    'commit': (str, type(None)),
    'changes_sha256': (str, type(None)),
    'version': (str,),
    'started': (str,),
    'ended': (str, type(None)),
    'seconds': (int, float),
    'commands': (list,),
}
"""What a note cannot do without, and the types of it. Further keys of an origin are compared with
those of now, so a note that lacks one is seen there."""
