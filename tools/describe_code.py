#!/usr/bin/env python
"""Measure the code in numbers: ``python tools/describe_code.py [--root CHECKOUT]``.

A Markdown table with one column a package under ``projects/STSLidR``: files and functions, their
median and longest lengths, docstrings, annotations, lines of tests to a line of code, imports
between rooms, and circles of rooms. Reads files as text and runs none of them, so that any
checkout can be measured, an older one too.
"""

from __future__ import annotations

import argparse
import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / 'projects' / 'STSLidR')]

from stslidr.errors import MissingFileError  # noqa: E402
from stslidr.tooling.run_tool import run_tool  # noqa: E402

PROJECT = Path('projects', 'STSLidR')
TESTS = {'stslidr': 'plugin', 'stslidr_city': 'city', 'stslidr_studies': 'studies'}
"""Package -> the folder under ``tests`` that mirrors it."""
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass
class Measured:
    """What is counted in one package.

    Attributes:
        files: lines of each file.
        functions: lines of each function and method.
        documented: public modules, classes, functions and methods with a docstring, and all.
        annotated: arguments with an annotation, and all, without ``self`` and ``cls``.
        rooms: room -> the other rooms that it imports, of any package.
        test_lines: of the folder that mirrors the package; None if there is none.
    """

    files: list[int] = field(default_factory=list)
    functions: list[int] = field(default_factory=list)
    documented: list[bool] = field(default_factory=list)
    annotated: list[bool] = field(default_factory=list)
    rooms: dict[str, set[str]] = field(default_factory=dict)
    test_lines: int | None = None


def measure(root: Path, package: str, packages: set[str]) -> Measured:
    """Measure one package of a checkout."""
    measured, project = Measured(), root / PROJECT
    for path in sorted((project / package).rglob('*.py')):
        text = path.read_text(encoding='utf-8')
        tree = ast.parse(text)
        measured.files.append(len(text.splitlines()))
        measured.documented += documented_of(tree)
        for node in ast.walk(tree):
            if isinstance(node, FUNCTIONS):
                measured.functions.append((node.end_lineno or node.lineno) - node.lineno + 1)
                measured.annotated += annotated_of(node)
        room = room_of('.'.join(path.relative_to(project).with_suffix('').parts))
        used = {room_of(name) for name in imports_of(tree, project)}
        others = {name for name in used if name.split('.')[0] in packages}
        measured.rooms.setdefault(room, set()).update(others - {room})
    tests = root / 'tests' / TESTS.get(package, package)
    if tests.is_dir():
        measured.test_lines = count_lines(tests)
    return measured


def documented_of(tree: ast.Module) -> list[bool]:
    """Whether the module and each public class, function and method in it has a docstring."""

    def walk(node: ast.AST) -> Iterator[bool]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, (*FUNCTIONS, ast.ClassDef)) and not child.name.startswith('_'):
                yield ast.get_docstring(child) is not None
                if isinstance(child, ast.ClassDef):
                    yield from walk(child)

    return [ast.get_docstring(tree) is not None, *walk(tree)]


def annotated_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> list[bool]:
    """Whether each argument of a function has an annotation; ``self`` and ``cls`` do not count."""
    every = function.args
    arguments = [*every.posonlyargs, *every.args, *every.kwonlyargs]
    arguments += [argument for argument in (every.vararg, every.kwarg) if argument]
    return [one.annotation is not None for one in arguments if one.arg not in ('self', 'cls')]


def imports_of(tree: ast.Module, project: Path) -> Iterator[str]:
    """Full names of the modules that a module imports."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            if (project / node.module.replace('.', '/')).is_dir():
                yield from (f'{node.module}.{alias.name}' for alias in node.names)
            else:
                yield node.module


def room_of(name: str) -> str:
    """The room that a module is in: the folder, or the single file, right under its package."""
    return '.'.join(name.split('.')[:2])


def circle_of(rooms: dict[str, set[str]]) -> str:
    """One circle of rooms, or ``none``."""
    try:
        tuple(TopologicalSorter(rooms).static_order())
    except CycleError as error:
        return ' -> '.join(reversed(error.args[1]))
    return 'none'


def count_lines(folder: Path) -> int:
    """Lines of all Python files in and under a folder."""
    return sum(len(path.read_text(encoding='utf-8').splitlines()) for path in folder.rglob('*.py'))


def describe(measured: Measured) -> list[str]:
    """The column of one package, in the order of `ROWS`."""
    lines = sum(measured.files)
    ratio = '-' if measured.test_lines is None else f'{measured.test_lines / lines:.2f}'
    return [
        f'{len(measured.files)}',
        f'{lines}',
        f'{median(measured.files):.0f} / {max(measured.files)}',
        f'{median(measured.functions or [0]):.0f} / {max(measured.functions or [0])}',
        share(measured.documented),
        share(measured.annotated),
        ratio,
        f'{len(measured.rooms)}',
        f'{sum(len(others) for others in measured.rooms.values())}',
        circle_of(measured.rooms),
    ]


ROWS = (
    'files',
    'lines',
    'median / longest file',
    'median / longest function',
    'public docstrings',
    'annotated arguments',
    'tests : code',
    'rooms',
    'imports between rooms',
    'circles',
)


def share(flags: list[bool]) -> str:
    """Per cent of what is true, or ``-`` of nothing."""
    return f'{100 * sum(flags) / len(flags):.1f} %' if flags else '-'


def table(root: Path) -> str:
    """The Markdown table of a checkout.

    Raises:
        MissingFileError: it holds no package.
    """
    project = root / PROJECT
    packages = sorted(path.parent.name for path in project.glob('*/__init__.py'))
    if not packages:
        raise MissingFileError(f'{project} holds no package: --root is a checkout of this project')
    columns = [describe(measure(root, package, set(packages))) for package in packages]
    rows = [('', *packages), ('--', *['--'] * len(packages)), *zip(ROWS, *columns, strict=True)]
    code = sum(int(column[1]) for column in columns)
    whole = f'all tests : all code {count_lines(root / "tests") / code:.2f}'
    return '\n'.join([*(f'| {" | ".join(row)} |' for row in rows), '', whole])


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--root', type=Path, default=ROOT, help='checkout to measure (this one)')
    print(table(parser.parse_args().root))


if __name__ == '__main__':
    run_tool(main)
