"""docs/faults.md: the table of faults, from the tests that make them."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

from support.faults import Fault

ROOT = Path(__file__).resolve().parents[2]
FAULTS, PAGE = ROOT / 'tests' / 'faults', ROOT / 'docs' / 'faults.md'
INTRODUCTION = """# Faults

Each row is a fault that a test makes in data, weights, configs or results that are whole
otherwise, the tool that meets it, and what the tool says: one line that begins with `error:`,
with exit status 1, or, where there is no `error:`, what it says as it goes on to a good end. The
test looks for what matters in that line, and for the status; no traceback, no hang (a test has ten
minutes), no result. The texts are those of a run of all tests, without folders, at most 240
letters of each.

`make test-faults` runs all {number}, in two to three minutes on two cores, and writes this page;
`make test` runs each second one, and fails where the page has other rows than the tests.

Faults that hit a run while it goes on (signals, kills, lost processes, a full disk) are in
[exit_statuses.md](exit_statuses.md) and [proof.md](proof.md); damaged samples that a training may
skip, in [pretraining.md](pretraining.md); what `tools/check_data.py` finds, in
[checking_data.md](checking_data.md).
"""


def modules() -> list[tuple[str, str, list[Fault]]]:
    """(name, first line of the docstring, faults) of each module of faults."""
    found = []
    with_path = [str(FAULTS), *sys.path]
    for path in sorted(FAULTS.glob('test_*_faults.py')):
        before, sys.path = sys.path, with_path
        try:
            module = importlib.import_module(path.stem)
        finally:
            sys.path = before
        found.append((path.stem, (module.__doc__ or '').splitlines()[0], module.FAULTS))
    return found


def write_page(answers: dict[tuple[str, str], str]) -> str:
    """The page as Markdown.

    Args:
        answers: (fault, tool) -> what it says.
    """
    tables = modules()
    parts = [INTRODUCTION.format(number=sum(len(faults) for _, _, faults in tables))]
    for name, what, faults in tables:
        heading = name.removeprefix('test_').removesuffix('_faults').replace('_', ' ').capitalize()
        heading = f'{heading[:-1]}ies' if heading.endswith('y') else f'{heading}s'
        parts.append(f'## {heading}\n\n{what}\n\n{len(faults)} faults, `tests/faults/{name}.py`.\n')
        rows = [f'{row_start(fault)} {cell(answers[fault.what, fault.tool])} |' for fault in faults]
        parts.append('\n'.join(['| fault | tool | what it says |', '|--|--|--|', *rows]) + '\n')
    return '\n'.join(parts)


def row_start(fault: Fault) -> str:
    """A fault's row, before what the tool says."""
    return f'| {cell(fault.what)} | `{fault.tool}` |'


def cell(text: str) -> str:
    """A text as a cell of a table."""
    for mark, plain in (('|', r'\|'), ('<', '&lt;'), ('*', r'\*'), ('_', r'\_'), ('[', r'\[')):
        text = text.replace(mark, plain)
    return text
