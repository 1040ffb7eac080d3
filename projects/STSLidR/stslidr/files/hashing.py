"""SHA-256 of files and of settings."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from stslidr.errors import MissingFileError
from stslidr.files.access import readable


def hash_settings(settings: Mapping[str, Any]) -> str:
    """SHA-256 of settings as JSON with sorted keys, as hexadecimal digits."""
    text = json.dumps(settings, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def hash_file(path: str | Path) -> str:
    """SHA-256 of a file's content, as hexadecimal digits.

    Raises:
        MissingFileError: it is not there, or a link to nowhere.
        FileAccessError: it cannot be read.
    """
    digest = hashlib.sha256()
    try:
        with readable('file', path), open(path, 'rb') as file:
            while block := file.read(1 << 20):
                digest.update(block)
    except FileNotFoundError as error:
        raise MissingFileError(f'file {path} does not exist, or is a link to nowhere') from error
    return digest.hexdigest()
