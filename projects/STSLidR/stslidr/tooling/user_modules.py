"""Modules that a user names, in a config or on a command line.

Importing a module runs it, so it may fail in any way. What fails is said in one line that names the
module and the reason.
"""

from __future__ import annotations

import importlib
import traceback
from collections.abc import Iterator
from types import ModuleType

from stslidr.errors import InputError, MissingFileError, UserError

OURS = 'stslidr'
"""The package whose faults are ours, under whichever name a user imports it."""


def import_user_module(name: str, given: str) -> ModuleType:
    """Import a module that a user names; a fault in one of ours goes through.

    Args:
        name: full name of the module.
        given: what the user wrote and where, for the messages, as in ``--record my_record``.

    Raises:
        MissingFileError: there is no such module.
        InputError: it fails, or lacks a library; names file and line.
    """
    try:
        return importlib.import_module(name)
    except (Exception, SystemExit) as error:  # what a user's module does may fail in any way
        absent = error.name if isinstance(error, ModuleNotFoundError) else None
        if absent and f'{name}.'.startswith(f'{absent}.'):
            raise MissingFileError(
                f'{given} cannot be imported: there is no module {absent}; the folder that holds '
                'it must be on PYTHONPATH'
            ) from error
        lacks_library = absent is not None and OURS not in absent.split('.')
        if OURS in name.split('.') and not lacks_library:
            raise
        raise InputError(
            f'{given} cannot be imported: {_place_of(error)}{_describe(error)}'
        ) from error


def _describe(error: BaseException) -> str:
    """The text of an error, with its kind where Python or the module raised it."""
    if isinstance(error, UserError):
        return str(error)
    text = error.msg if isinstance(error, SyntaxError) else ' '.join(str(error).split())
    return f'{type(error).__name__}: {text}' if text else type(error).__name__


def _place_of(error: BaseException) -> str:
    """``file, line n: `` of the code of a user's that failed; empty where none ran."""
    if isinstance(error, SyntaxError) and error.filename:
        return f'{error.filename}, line {error.lineno}: '
    places = [*_users_places(error)]
    return f'{places[-1][0]}, line {places[-1][1]}: ' if places else ''


def _users_places(error: BaseException) -> Iterator[tuple[str, int]]:
    """File and line of each step to an error, outside Python's imports and this project."""
    for frame, line in traceback.walk_tb(error.__traceback__):
        package = frame.f_globals.get('__name__', '').partition('.')[0]
        if package not in (OURS, 'importlib', '_frozen_importlib', '_frozen_importlib_external'):
            yield frame.f_code.co_filename, line
