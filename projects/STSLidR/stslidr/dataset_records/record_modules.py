"""``--record``: modules of the user's that register records, for tools that read no config.

A config names such a module in ``custom_imports``. Importing a module runs it, so nothing is
imported but what the user names on the command line.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from stslidr.errors import InputError, MissingFileError
from stslidr.tooling.user_modules import import_user_module


def add_record_option(parser: argparse.ArgumentParser) -> None:
    """Add ``--record`` to a tool's options."""
    parser.add_argument(
        '--record',
        action='append',
        default=[],
        metavar='MODULE|FILE.py',
        help='module, or its file, that registers the record of a further data set; may be given '
        'more than once',
    )


def take_records(arguments: Sequence[str] | None = None) -> list[str]:
    """Import what ``--record`` names among a command line's arguments, and return the others.

    For a tool whose other options depend on the records there are.

    Args:
        arguments: of the command line, those of this process by default.

    Raises:
        MissingFileError: if there is no such module or file.
        InputError: if a module fails, or a file's module is another one than it.
    """
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    add_record_option(parser)
    options, others = parser.parse_known_args(arguments)
    import_records(options.record)
    return others


def import_records(names: Iterable[str]) -> None:
    """Import modules by their names, or by their files; errors as in `take_records`."""
    for name in names:
        if name.endswith('.py'):
            _import_file(Path(name))
        else:
            import_user_module(name, f'--record {name}')


def _import_file(path: Path) -> None:
    """Import a file as the module that ``custom_imports`` would find with its folder on the path.

    So it is one module, registered once, whichever way it is named.
    """
    if not path.is_file():
        raise MissingFileError(f'--record {path} does not exist')
    if not path.stem.isidentifier():
        raise InputError(f'--record {path}: {path.stem!r} is no name of a module: rename the file')
    folder = str(path.resolve().parent)
    if folder not in sys.path:
        sys.path.insert(0, folder)
    module = import_user_module(path.stem, f'--record {path}')
    found = getattr(module, '__file__', None)
    if found is None or Path(found).resolve() != path.resolve():
        raise InputError(
            f'--record {path}: {path.stem} is the name of another module, {found}: rename the file'
        )
