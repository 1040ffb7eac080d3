"""Run the cells of a study, some side by side, each after its pretraining."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from stslidr.errors import InputError, UserError
from stslidr.tooling.processes import THREAD_VARIABLES
from stslidr_studies.study.cell_notes import is_finished
from stslidr_studies.study.cell_run import CellRun
from stslidr_studies.study.cells import Cell
from stslidr_studies.study.child_processes import Children
from stslidr_studies.study.commands import Commands
from stslidr_studies.study.provenance import Source
from stslidr_studies.study.stored_cell import CellNote, CellOrigin
from stslidr_studies.study.study_progress import Progress

POLL = 0.05
FIRST_PORT = 29500


@dataclass
class _Job:
    """A command of a cell in progress."""

    run: CellRun
    slot: int
    process: subprocess.Popen


class Execution:
    """Runs what is not finished, and goes on with other cells where one fails.

    Args:
        cells: of the study, parents first.
        notes: of those that were started before; kept up to date.
        origins: what each cell is made from.
        out: results folder.
        root: checkout whose tools run; it must not change meanwhile.
        commands: writer of command lines.
        processes: cells side by side.
        after: called with a cell after it has finished; returns what to say about it.
    """

    def __init__(
        self,
        cells: list[Cell],
        notes: dict[Cell, CellNote],
        origins: Mapping[Cell, CellOrigin],
        out: Path,
        root: Path,
        commands: Commands,
        processes: int,
        after: Callable[[Cell], str],
    ) -> None:
        self._notes, self._origins, self._out, self._root = notes, origins, out, root
        self._commands, self._processes, self._after = commands, processes, after
        self._source = Source.of(root)
        self._waiting = [cell for cell in cells if not is_finished(notes.get(cell))]
        seconds = {cell: note['seconds'] for cell, note in notes.items() if is_finished(note)}
        self._progress = Progress(cells, seconds, processes)
        self._jobs: list[_Job] = []
        self.failed: list[Cell] = []
        """Cells that have failed in this start."""

    def run(self, lock: int) -> None:
        """Run until nothing is left that can run.

        Args:
            lock: descriptor of the folder's lock, see `hold_folder`.

        Raises:
            InputError: the source changed meanwhile, or a pretraining's checkpoint did.
        """
        with Children(lock) as children:
            try:
                while self._waiting or self._jobs:
                    self._start_ready(children)
                    time.sleep(POLL)
                    for job in [job for job in self._jobs if children.ended(job.process)]:
                        self._end_command(job, children)
            finally:
                for job in self._jobs:
                    job.run.pause()

    def _start_ready(self, children: Children) -> None:
        """Give free slots to the first cells whose pretraining is finished."""
        free = set(range(self._processes)) - {job.slot for job in self._jobs}
        for cell in list(self._waiting):
            if not free:
                return
            parent = self._notes.get(cell.parent) if cell.parent else None
            if cell.parent is not None and not is_finished(parent):
                continue
            self._waiting.remove(cell)
            run = CellRun(
                cell, self._out, self._commands, self._origins[cell], self._notes.get(cell), parent
            )
            self._notes[cell] = run.note
            self._progress.start(cell)
            self._next_command(run, free.pop(), children)

    def _next_command(self, run: CellRun, slot: int, children: Children) -> None:
        """Start the next command of a cell, or finish it."""
        self._check_source()
        try:
            command = run.next_command()
            if command is None:
                run.finish()
        except UserError as error:
            self._fail(run, str(error))
            return
        if command is None:
            self._progress.finish(run.cell, run.note['seconds'], self._after(run.cell))
            return
        process = children.start(command, run.log, self._environment(slot))
        self._jobs.append(_Job(run, slot, process))

    def _end_command(self, job: _Job, children: Children) -> None:
        self._jobs.remove(job)
        if job.process.returncode:
            job.run.pause()
            self._fail(job.run, f'exit status {job.process.returncode}')
            return
        try:
            job.run.note_success()
        except UserError as error:
            self._fail(job.run, str(error))
            return
        self._next_command(job.run, job.slot, children)

    def _fail(self, run: CellRun, reason: str) -> None:
        """Show the end of a cell's log, and give up what depends on it."""
        dependents = [cell for cell in self._waiting if cell.parent is run.cell]
        self._waiting = [cell for cell in self._waiting if cell not in dependents]
        self.failed.append(run.cell)
        self._progress.fail(run.cell, dependents)
        print(
            f'{run.cell.name}: {reason}; the end of {run.log}:\n{run.last_lines()}\n',
            file=sys.stderr,
            flush=True,
        )

    def _check_source(self) -> None:
        now = Source.of(self._root)
        if now != self._source:
            raise InputError(
                f'the source in {self._root} has changed while the study ran, from {self._source} '
                f'to {now}; what was running is stopped, since results are not mixed. Run studies '
                'in a checkout that nobody works in'
            )

    def _environment(self, slot: int) -> dict[str, str]:
        """Environment of a cell: one thread each side by side; GPUs and a port of its own."""
        variables = dict(os.environ)
        variables['PATH'] = os.pathsep.join(
            (str(Path(sys.executable).parent), variables.get('PATH', os.defpath))
        )
        if self._processes == 1:
            return variables
        variables.update(dict.fromkeys(THREAD_VARIABLES, '1'))
        gpus = self._commands.gpus
        if gpus:
            visible = variables.get('CUDA_VISIBLE_DEVICES')
            every = visible.split(',') if visible else list(map(str, range(gpus * self._processes)))
            variables['CUDA_VISIBLE_DEVICES'] = ','.join(every[slot * gpus : (slot + 1) * gpus])
            variables['PORT'] = str(int(variables.get('PORT', FIRST_PORT)) + slot)
        return variables
