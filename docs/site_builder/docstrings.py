"""Finds public names without a docstring, by reading the source; nothing is imported."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
SPARED = {'overload', 'override', 'setter', 'deleter'}
"""Decorators whose function is documented elsewhere."""


def undocumented_names(package: Path) -> list[str]:
    """List the public modules, classes, functions and methods that have no docstring.

    A name is public if neither it nor what it stands in starts with an underscore. Functions in
    functions are nobody's business but theirs.

    Args:
        package: folder of the package.

    Returns:
        ``path:line name`` of each, in the order of the files.
    """
    return [
        f'{path}:{line} {name}'
        for path in sorted(package.rglob('*.py'))
        if not any(_is_private(part) for part in path.relative_to(package).with_suffix('').parts)
        for line, name in _undocumented_in(path)
    ]


def _undocumented_in(path: Path) -> Iterator[tuple[int, str]]:
    tree = ast.parse(path.read_text(encoding='utf-8'))
    if not ast.get_docstring(tree):
        yield 1, path.stem
    yield from _walk(tree)


def _walk(node: ast.Module | ast.ClassDef, prefix: str = '') -> Iterator[tuple[int, str]]:
    for child in node.body:
        if not isinstance(child, Definition) or _is_private(child.name) or _is_spared(child):
            continue
        if not ast.get_docstring(child):
            yield child.lineno, f'{prefix}{child.name}'
        if isinstance(child, ast.ClassDef):
            yield from _walk(child, f'{prefix}{child.name}.')


def _is_private(name: str) -> bool:
    """Tell names with an underscore; ``__init__`` is documented by its class or its folder."""
    return name.startswith('_') and name != '__init__'


def _is_spared(node: Definition) -> bool:
    names = [
        part.attr if isinstance(part, ast.Attribute) else getattr(part, 'id', '')
        for part in node.decorator_list
    ]
    return node.name == '__init__' or not SPARED.isdisjoint(names)
