"""The manifest of a superpixel folder: how its maps were made and what they hold."""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from stslidr.errors import InputError, MissingFileError
from stslidr.files.json_file import read_json, write_json
from stslidr.files.label_png import LabelSummary

MANIFEST = 'manifest.json'
TOOL = 'tools/create_superpixels.py'
LEFTOVER_AGE = 600.0  # seconds; writing a manifest takes far less


@dataclass(frozen=True)
class SuperpixelManifest:
    """How the maps of a folder were made, and what they hold.

    The first four fields stand there from the start. The others count the maps that lay in the
    folder when a run (or the last of its shards) ended; before the first such end `num_maps` is 0.
    """

    method: str
    parameters: dict[str, Any]
    library: str
    library_version: str
    num_maps: int = 0
    image_sizes: list[list[int]] = field(default_factory=list)
    """The different [height, width] of the maps, ascending."""
    highest_id: int = -1
    highest_id_map: str = ''
    """File name of the map with the highest id, the first by name if several have it."""

    @classmethod
    def read(cls, folder: str | Path) -> SuperpixelManifest:
        """Read the manifest of a folder.

        Raises:
            MissingFileError: if the folder or its manifest is absent; says how to get one.
            InputError: if the manifest is damaged; names the file.
        """
        path = Path(folder) / MANIFEST
        if not path.parent.is_dir():
            raise MissingFileError(
                f'superpixel folder {path.parent} does not exist: make it with {TOOL}'
            )
        try:
            content = read_json(path)
        except MissingFileError:
            raise MissingFileError(
                f'superpixel folder {path.parent} has no {MANIFEST}: make its maps with {TOOL}; '
                f'for maps made elsewhere, `{TOOL} INFOS --root ROOT --out {path.parent} --adopt` '
                f'checks them and writes one'
            ) from None
        if not _is_manifest(content):
            raise InputError(
                f'{path} is no superpixel manifest: its keys or the types of their values differ'
            )
        return cls(**content)

    def write(self, folder: str | Path) -> None:
        """Write the manifest into a folder; several processes may do so at the same time.

        Removes what killed processes of this machine left of theirs and, once maps are counted,
        what lies there for longer than `LEFTOVER_AGE`, as other machines' names may not come again.

        Raises:
            FileAccessError: if the folder cannot be written; names the file.
        """
        folder = Path(folder)
        own = folder / f'.{MANIFEST}.{socket.gethostname()}.{os.getpid()}'
        write_json(own, asdict(self), indent=2)
        os.replace(own, folder / MANIFEST)
        _remove_leftovers(folder, old_ones=self.num_maps > 0)

    def check_same_making(self, other: SuperpixelManifest, folder: str | Path) -> None:
        """Check that `other`, the manifest of `folder`, tells of maps made as ours are.

        Raises:
            InputError: if method, parameters, library or version differ; names them.
        """
        names = ('method', 'parameters', 'library', 'library_version')
        different = [
            f'{name} {getattr(other, name)!r} (now {getattr(self, name)!r})'
            for name in names
            if getattr(self, name) != getattr(other, name)
        ]
        if different:
            raise InputError(
                f'the maps in {folder} were made with {", ".join(different)}: superpixels of two '
                f'kinds do not mix, write to another folder'
            )

    def describing(self, maps: Mapping[str, LabelSummary]) -> SuperpixelManifest:
        """Return a manifest with totals over `maps`: file name -> summary, at least one."""
        highest = max(summary.highest_id for summary in maps.values())
        return replace(
            self,
            num_maps=len(maps),
            image_sizes=sorted([*size] for size in {summary.size for summary in maps.values()}),
            highest_id=highest,
            highest_id_map=min(name for name in maps if maps[name].highest_id == highest),
        )


def _remove_leftovers(folder: Path, old_ones: bool) -> None:
    """Remove what killed processes left when they were writing a manifest.

    Args:
        folder: with a manifest that was written just now, which tells the file server's time.
        old_ones: remove also what is older than `LEFTOVER_AGE`, of whichever machine.
    """
    pattern = re.compile(rf'\.+{re.escape(MANIFEST)}\.(.+)\.(\d{{1,9}})(\.partial)?')
    now = (folder / MANIFEST).stat().st_mtime
    for name in os.listdir(folder):
        if match := pattern.fullmatch(name):
            dead = match[1] == socket.gethostname() and not _is_alive(int(match[2]))
            if dead or old_ones and now - _modified(folder / name, now) > LEFTOVER_AGE:
                (folder / name).unlink(missing_ok=True)


def _modified(path: Path, default: float) -> float:
    """Time of a file's last change, `default` if another process has removed it."""
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return default


def _is_alive(process: int) -> bool:
    """Whether this machine has a process of this id."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:  # somebody else's
        return True
    return True


def _is_manifest(content: object) -> bool:
    """Whether parsed JSON has the keys of a manifest and values of their types."""
    types = {
        'method': str,
        'parameters': dict,
        'library': str,
        'library_version': str,
        'num_maps': int,
        'image_sizes': list,
        'highest_id': int,
        'highest_id_map': str,
    }
    return (
        isinstance(content, dict)
        and content.keys() == {entry.name for entry in fields(SuperpixelManifest)}
        and all(isinstance(content[name], kind) for name, kind in types.items())
    )
