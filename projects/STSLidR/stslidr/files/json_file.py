"""JSON files: read with errors that name them, written whole or not at all."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from stslidr.errors import InputError, MissingFileError
from stslidr.files.access import readable
from stslidr.files.atomic import write_bytes


def read_json(path: str | Path) -> Any:
    """Read what a JSON file holds, of which nothing is checked here.

    Raises:
        MissingFileError: there is no such file.
        FileAccessError: it cannot be read.
        InputError: it is no JSON; names the file.
    """
    try:
        with readable('file', path):
            return json.loads(Path(path).read_bytes())
    except FileNotFoundError:
        raise MissingFileError(f'{path} does not exist') from None
    except (ValueError, RecursionError) as error:  # no UTF-8, too, and a nest without end
        raise InputError(f'{path} is no readable JSON: {error}') from error


def write_json(
    path: str | Path, content: Any, indent: int = 1, allow_infinity: bool = False
) -> None:
    """Write plain Python data as JSON, atomically.

    Args:
        path: the file.
        content: what it holds.
        indent: spaces of a level.
        allow_infinity: write NaN and infinity in Python's own way, which :func:`read_json` reads.

    Raises:
        ValueError: it holds NaN or infinity, for which JSON has no word.
        FileAccessError: the file cannot be written.
    """
    text = json.dumps(content, indent=indent, allow_nan=allow_infinity) + '\n'
    write_bytes(path, text.encode())
