"""One cell on its way: train, test, done; its note follows each step."""

from __future__ import annotations

import shlex
import time
from datetime import datetime, timezone
from pathlib import Path

from stslidr.errors import InputError, MissingFileError
from stslidr.evaluation.result_file import read_result
from stslidr.files.contained_paths import inside
from stslidr.files.hashing import hash_file
from stslidr.running.resuming import newest_checkpoint
from stslidr_studies.study.cell_notes import NOTE, write_cell_note
from stslidr_studies.study.cells import Cell
from stslidr_studies.study.commands import RESULT, Commands
from stslidr_studies.study.stored_cell import CellNote, CellOrigin

LOG = 'log.txt'
TAIL = 15
"""Lines of the log that are shown when a cell fails."""


def timestamp() -> str:
    """The time now, UTC, to the second."""
    return datetime.now(timezone.utc).isoformat(timespec='seconds')


class CellRun:
    """The steps of a cell that is not finished.

    Args:
        cell: the cell.
        out: the results folder.
        commands: writer of command lines.
        origin: what it is made from, see `describe_origin`.
        stored: the note of an earlier start, None for the first.
        parent: the note of its pretraining; None for a cell without.

    Raises:
        MissingFileError: the checkpoint of its pretraining is gone.
        InputError: it is not the one that was recorded.
    """

    def __init__(
        self,
        cell: Cell,
        out: Path,
        commands: Commands,
        origin: CellOrigin,
        stored: CellNote | None,
        parent: CellNote | None,
    ) -> None:
        self.cell = cell
        self.folder = out / cell.folder
        self._commands = commands
        self._start_from = None
        if cell.parent is not None and parent is not None:
            self._start_from = _check_checkpoint(out / cell.parent.folder, parent)
        fresh: CellNote = {
            'parent_checkpoint_sha256': parent and parent['checkpoint_sha256'],
            'trained': False,
            'checkpoint': None,
            'checkpoint_sha256': None,
            'label_split': None,
            'label_split_sha256': None,
            'ended': None,
            'started': timestamp(),
            'seconds': 0.0,
            'commands': [],
            **origin,
        }
        self.note: CellNote = fresh if stored is None else {**fresh, **stored, **origin}
        self._clock = time.monotonic()

    def next_command(self) -> list[str] | None:
        """The command to run now, None when all have run; it is recorded."""
        if not self.note['trained']:
            command = self._commands.train(self.cell, self.folder, self._start_from)
        elif self.cell.is_task and not self._is_scored():
            command = self._commands.test(self.cell, self.folder, self.folder / self._checkpoint)
        else:
            return None
        self.note['commands'].append(command)
        write_cell_note(self.folder, self.note)
        with inside(self.log, self.folder).open('a', encoding='utf-8') as log:
            log.write(f'{timestamp()} {shlex.join(command)}\n')
        return command

    @property
    def _checkpoint(self) -> str:
        """Name of the checkpoint of a cell that is trained."""
        name = self.note['checkpoint']
        if name is None:
            raise InputError(
                f'{self.folder / NOTE} says that the cell is trained, and names no checkpoint'
            )
        return name

    def _is_scored(self) -> bool:
        path = self.folder / RESULT
        return (
            path.is_file()
            and read_result(path)['checkpoint_sha256'] == self.note['checkpoint_sha256']
        )

    @property
    def log(self) -> Path:
        """Where its commands write."""
        return self.folder / LOG

    def note_success(self) -> None:
        """A command has ended well: after training, note the last checkpoint and keep it alone.

        Raises:
            InputError: it has not left what it was to leave.
        """
        if not self.note['trained']:
            path = newest_checkpoint(str(self.folder))
            if path is None:
                raise InputError(
                    f'{self.cell.name} has trained without a checkpoint: the config '
                    'needs default_hooks.checkpoint'
                )
            self.note['trained'] = True
            self.note['checkpoint'] = Path(path).name
            self.note['checkpoint_sha256'] = hash_file(path)
            for old in self.folder.glob('*.pth'):
                if old.name != self._checkpoint:
                    old.unlink()
        elif not self._is_scored():
            raise InputError(
                f'{self.cell.name}: tools/test.py has left no {RESULT} of {self.note["checkpoint"]}'
            )
        self.pause()

    def pause(self) -> None:
        """Add the time since the last step to the note."""
        now = time.monotonic()
        self.note['seconds'] = round(self.note['seconds'] + now - self._clock, 1)
        self._clock = now
        write_cell_note(self.folder, self.note)

    def finish(self) -> None:
        """Note that the cell is finished."""
        if self.cell.is_task:
            result = read_result(self.folder / RESULT)
            self.note['label_split'] = result['label_split']
            self.note['label_split_sha256'] = result['label_split_sha256']
        self.note['ended'] = timestamp()
        self.pause()

    def last_lines(self) -> str:
        """The end of the log; nothing where there is none yet."""
        if not self.log.exists():
            return ''
        text = self.log.read_text(encoding='utf-8', errors='replace')
        return '\n'.join(text.rstrip().splitlines()[-TAIL:])


def _check_checkpoint(folder: Path, note: CellNote) -> Path:
    """The checkpoint of a finished pretraining, which must be the recorded one."""
    path = folder / str(note['checkpoint'])
    try:
        found = hash_file(path)
    except FileNotFoundError:
        raise MissingFileError(
            f'{path} is missing, which {folder / NOTE} names: delete {folder} to train it anew'
        ) from None
    if found != note['checkpoint_sha256']:
        raise InputError(
            f'{path} has the SHA-256 {found}, but its note says '
            f'{note["checkpoint_sha256"]}: it was changed'
        )
    return path
