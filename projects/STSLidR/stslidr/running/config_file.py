"""Config files, read with errors in one line that name the file and the line."""

from __future__ import annotations

import argparse
import traceback
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Any

from mmengine.config import Config, DictAction
from mmengine.config.lazy import LazyObject

from stslidr.errors import FileAccessError, InputError, MissingFileError, UserError
from stslidr.files.shipped import find_shipped
from stslidr.tooling.user_modules import OURS, import_user_module

ENDINGS = ('.py', '.yaml', '.yml', '.json')
PLUGIN = 'projects.STSLidR.stslidr.plugin'
"""What a config in a checkout imports to register the components of this project."""
OPENERS = ('check_file_exist', '_is_lazy_import')
"""mmengine's functions that look first at a file that is to be read."""


def parse_options(texts: Iterable[str] | None, option: str = '--cfg-options') -> dict[str, Any]:
    """Return what ``KEY=VALUE`` texts say, values as mmengine's ``DictAction`` reads them.

    Args:
        texts: of the command line; None where the option was not given.
        option: its name, for the messages.

    Raises:
        InputError: one has no key, no ``=``, or a value whose brackets do not match.
    """
    parser = argparse.ArgumentParser()
    namespace = argparse.Namespace(options=None)
    action = DictAction([option], 'options')
    for text in texts or ():
        key, equals, _ = text.partition('=')
        if not key or not equals or not all(key.split('.')):
            raise InputError(f'{option} {text}: not of the form KEY=VALUE')
        try:
            action(parser, namespace, [text], option)
        except (AssertionError, RecursionError, ValueError) as error:
            raise InputError(f'{option} {text}: no readable value ({error})') from error
    return namespace.options or {}


def read_config_file(path: str | Path) -> Config:
    """Read a config file with its bases; nothing of its ``custom_imports`` is imported.

    Args:
        path: of the file, or the name of a shipped one, see `find_shipped`.

    Raises:
        MissingFileError: there is no such file, or no such base.
        FileAccessError: it may not be read.
        InputError: it is a folder, of another kind, or cannot be read or run; names file and line.
    """
    path = find_shipped('configs', path, '.py')
    if path.is_dir():
        raise InputError(f'config {path} is a folder: give a file')
    if not path.exists():
        raise MissingFileError(f'config {path} does not exist')
    if path.suffix not in ENDINGS:
        raise InputError(f'config {path}: a config file ends with {", ".join(ENDINGS)}')
    try:
        config = Config.fromfile(path, import_custom_modules=False)
        _import_types(config._cfg_dict)
        return config
    except (Exception, SystemExit) as error:  # what a config file does may fail in any way
        if _is_fault_of_ours(_cause(error).__traceback__):
            raise
        raise _refusal(path, error) from error


def import_modules(imports: Any, path: str | Path) -> None:
    """Import the modules of a config's ``custom_imports``; a fault in one of ours goes through.

    Args:
        imports: the value of ``custom_imports``.
        path: the config file, for the messages.

    Raises:
        InputError: it is no dict of ``imports`` and ``allow_failed_imports``, or a module fails.
        MissingFileError: a module is not there.
    """
    if not imports:
        return
    known = {'imports', 'allow_failed_imports'}
    names = imports.get('imports') if isinstance(imports, dict) and imports.keys() <= known else 0
    names = [names] if isinstance(names, str) else names
    if not isinstance(names, list | tuple) or not all(isinstance(name, str) for name in names):
        raise InputError(
            f"{path}: custom_imports must be dict(imports=['MODULE'], allow_failed_imports=False), "
            f'not {imports}'
        )
    for name in names:
        try:
            import_user_module(name, f'{path}: custom_imports: the module {name}')
        except UserError as error:
            if not imports.get('allow_failed_imports') or not isinstance(
                error.__cause__, ImportError
            ):
                raise


def _refusal(path: Path, error: BaseException) -> Exception:
    """The error of a user for what reading a config file raised."""
    files = _files_in_work(error.__traceback__) or [str(path)]
    if isinstance(error, FileNotFoundError) and _raised_in(error) in OPENERS:
        missing = error.filename or files[-1]
        if len(files) > 1 and files[-1] == missing:
            return MissingFileError(f'{files[-2]}: its _base_ {missing} does not exist')
        return MissingFileError(f'{files[-1]}: {missing}, which it reads, does not exist')
    where = files[-1]
    if isinstance(error, SyntaxError):
        return InputError(f'{where}, line {error.lineno}: {error.msg}')
    if isinstance(error, PermissionError) and error.filename == where:
        return FileAccessError(f'{where} cannot be read: {error.strerror}')
    if isinstance(error, AttributeError) and Path(where).suffix != '.py':
        return InputError(f'{where} holds no dict')
    line = _line_in(where, error.__traceback__)
    return InputError(f'{where}{f", line {line}" if line else ""}: {_describe(error)}')


def _raised_in(error: BaseException) -> str:
    """Name of the function that raised an error."""
    return [frame.f_code.co_name for frame, _ in traceback.walk_tb(error.__traceback__)][-1]


def _describe(error: BaseException) -> str:
    text = ' '.join(str(error).split())
    return f'{type(error).__name__}: {text}' if text else type(error).__name__


def _files_in_work(trace: TracebackType | None) -> list[str]:
    """The config files that mmengine was reading: that of the user first, then base by base.

    It reads a base within the reading of the file that names it, and no error of it says which.
    """
    readers = ('_file2dict', '_parse_lazy_import')
    return [
        str(frame.f_locals['filename'])
        for frame, _ in traceback.walk_tb(trace)
        if frame.f_code.co_name in readers and 'filename' in frame.f_locals
    ]


def _line_in(path: str, trace: TracebackType | None) -> int | None:
    """The line of a Python config that raised, None if it was not its code that did."""
    lines = [line for frame, line in traceback.walk_tb(trace) if frame.f_code.co_filename == path]
    return lines[-1] if lines else None


def _import_types(node: Any) -> None:
    """Ask for all that a config holds: a pure-Python one imports its types only then."""
    if isinstance(node, dict | list | tuple):
        for item in node.values() if isinstance(node, dict) else node:
            _import_types(item)


def _cause(error: BaseException) -> BaseException:
    """The error itself, or what failed in an import that mmengine had put off."""
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    put_off = frames[-1].f_globals.get('__name__') == LazyObject.__module__
    return error.__context__ or error if put_off else error


def _is_fault_of_ours(trace: TracebackType | None) -> bool:
    """Whether code of this project raised, and no code that it was given."""
    modules = [frame.f_globals.get('__name__', '') for frame, _ in traceback.walk_tb(trace)]
    return OURS in modules[-1].split('.') and len(modules) > 1 and modules[-1] != __name__
