"""Command lines of a cell: the tools that a user would call by hand."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stslidr.errors import InputError
from stslidr.running.config_file import parse_options
from stslidr_studies.study.cells import Cell

RESULT = 'result.json'


def format_option(key: str, value: Any) -> str:
    """Write one option as ``--cfg-options`` reads it.

    Raises:
        InputError: no text is read back as this value, such as a mapping or the string '1'.
    """
    text = f'{key}={_format(value)}'
    read = _read_back(text)
    if read.keys() != {key} or not _same(read[key], value):
        raise InputError(
            f'option {key}: {value!r} cannot be written as KEY=VALUE on a command '
            'line; put it into a config'
        )
    return text


def _read_back(text: str) -> dict[str, Any]:
    """What a tool reads from an option; {} where it cannot read it."""
    if text.startswith('-'):  # it would be taken for an option of its own
        return {}
    try:
        return parse_options([text])
    except InputError:
        return {}


def _format(value: Any) -> str:
    if isinstance(value, list):
        return f'[{",".join(map(_format, value))}]'
    return str(value)


def _same(one: Any, other: Any) -> bool:
    """Equal, and of one type all through: 1, 1.0 and True are three values."""
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    return type(one) is type(other) and one == other


@dataclass(frozen=True)
class Commands:
    """Writes the command lines of a study.

    Args:
        tools: the folder with train.py, test.py, dist_train.sh and dist_test.sh.
        data_root: folder of the data.
        gpus: processes of a distributed run; 0 runs without a launcher.
    """

    tools: Path
    data_root: str
    gpus: int

    def train(self, cell: Cell, work_dir: Path, start_from: Path | None) -> list[str]:
        """Train a cell, from its own newest checkpoint if there is one.

        ``--resume`` alone would forget ``load_from`` in an empty work dir, so it is given only
        where there is something to resume.

        Args:
            cell: a pretraining or a task.
            work_dir: its folder.
            start_from: the checkpoint of its pretraining.
        """
        options = self._options(cell)
        resume = Path(work_dir, 'last_checkpoint').is_file()
        if start_from is not None and not resume:
            options['load_from'] = str(start_from)
        return [
            *self._start('train', cell.config),
            '--work-dir',
            str(work_dir),
            '--data-root',
            self.data_root,
            *(['--resume'] if resume else []),
            '--no-validate',
            '--cfg-options',
            *(format_option(key, value) for key, value in options.items()),
        ]

    def test(self, cell: Cell, work_dir: Path, checkpoint: Path) -> list[str]:
        """Score a task's checkpoint into ``work_dir/result.json``."""
        options = self._options(cell)
        return [
            *self._start('test', cell.config, str(checkpoint)),
            '--json',
            str(work_dir / RESULT),
            '--work-dir',
            str(work_dir / 'test'),
            '--data-root',
            self.data_root,
            '--cfg-options',
            *(format_option(key, value) for key, value in options.items()),
        ]

    def _options(self, cell: Cell) -> dict[str, Any]:
        return {'randomness.seed': cell.seed, **cell.options}

    def _start(self, tool: str, *files: str) -> list[str]:
        if self.gpus:
            return ['bash', str(self.tools / f'dist_{tool}.sh'), *files, str(self.gpus)]
        return [sys.executable, str(self.tools / f'{tool}.py'), *files]


def check_options(options: Mapping[str, Any]) -> None:
    """Raise as :func:`format_option` does if one cannot be written."""
    for key, value in options.items():
        format_option(key, value)
