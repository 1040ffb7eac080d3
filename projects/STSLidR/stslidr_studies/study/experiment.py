"""A study from its file to its tables."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path

import torch

from stslidr.errors import InputError
from stslidr.files.atomic import write_bytes
from stslidr.files.folder_lock import hold_folder
from stslidr.files.json_file import write_json
from stslidr.text import percent
from stslidr.tooling.processes import usable_cpus
from stslidr_studies.study.cell_notes import is_finished, read_cell_notes
from stslidr_studies.study.cell_scheduling import Execution
from stslidr_studies.study.cells import Cell, enumerate_cells
from stslidr_studies.study.commands import Commands, check_options
from stslidr_studies.study.config_checks import check_configs
from stslidr_studies.study.label_saving import check_label_splits
from stslidr_studies.study.provenance import Source, describe_origin, expected_checkpoint
from stslidr_studies.study.results import read_scores, summarise_study
from stslidr_studies.study.stored_cell import CellNote, CellOrigin
from stslidr_studies.study.study_file import Study, read_study
from stslidr_studies.study.tables import write_markdown

RESULTS = 'results.json'
TABLES = 'results.md'


class Experiment:
    """A study with its results folder.

    Args:
        study_path: the study file.
        out: the results folder.
        root: the checkout, whose ``tools`` run.
        data_root: folder of the data; None takes the study's.
        processes: cells side by side; None takes the usable CPUs, or 1 with ``gpus_per_run``.

    Raises:
        MissingFileError: the study file or a config does not exist.
        InputError: the study file, an option of it, or a config that it names is wrong; names it.
    """

    def __init__(
        self,
        study_path: Path,
        out: Path,
        root: Path,
        data_root: str | None = None,
        processes: int | None = None,
    ) -> None:
        self.study: Study = read_study(study_path)
        self.out, self.root = out, root
        self.data_root = data_root or self.study.data_root
        gpus = self.study.gpus_per_run
        self.processes = processes or (1 if gpus else usable_cpus())
        self.cells = enumerate_cells(self.study)
        self.commands = Commands(root / 'tools', self.data_root, gpus)
        self._check_options()
        check_label_splits(self.study, self.cells)
        check_configs(cell for cell in self.cells if cell.seed == self.study.seeds[0])

    def _check_options(self) -> None:
        """Refuse what a command line cannot say, before hours have been spent on what it needs."""
        for cell in self.cells:
            try:
                check_options(cell.options)
            except InputError as error:
                raise InputError(
                    f'study {self.study.path}, method {cell.method}: {error}'
                ) from None
            if cell.parent is not None:
                folder = self.out / cell.parent.folder
                try:
                    check_options({'load_from': str(folder / 'epoch_1.pth')})
                except InputError:
                    raise InputError(
                        f'{self.out}: tasks could not be told to start from a checkpoint in '
                        f'{folder}, since --cfg-options reads such a path otherwise; give another '
                        'folder with --out'
                    ) from None

    def list_commands(self) -> list[str]:
        """Every command that a start would run, as a shell takes it; nothing is run or written.

        Raises:
            InputError: the folder holds results of another origin.
        """
        notes = read_cell_notes(self.out, self.cells, self._origins(with_data=False))
        lines: list[str] = []
        for cell in self.cells:
            if not is_finished(notes.get(cell)):
                lines += map(shlex.join, self._planned(cell, notes))
        return lines

    def _planned(self, cell: Cell, notes: Mapping[Cell, CellNote]) -> list[list[str]]:
        start_from = self._checkpoint(cell.parent, notes) if cell.parent else None
        note = notes.get(cell)
        work_dir = self.out / cell.folder
        commands = []
        if not (note and note['trained']):
            commands.append(self.commands.train(cell, work_dir, start_from))
        if cell.is_task:
            commands.append(self.commands.test(cell, work_dir, self._checkpoint(cell, notes)))
        return commands

    def _checkpoint(self, cell: Cell, notes: Mapping[Cell, CellNote]) -> Path:
        """The checkpoint of a cell, or the one that its config will end with."""
        note = notes.get(cell)
        name = None if note is None else note['checkpoint']
        return self.out / cell.folder / (name or expected_checkpoint(cell))

    def _origins(self, with_data: bool) -> dict[Cell, CellOrigin]:
        source = Source.of(self.root)
        data_root = self.data_root if with_data else None
        return {
            cell: describe_origin(cell, source, data_root, self.study.gpus_per_run)
            for cell in self.cells
        }

    def run(self) -> list[Cell]:
        """Run what is not finished, and write the tables after each cell.

        Returns:
            The cells that failed.

        Raises:
            MissingFileError: the data is not there.
            InputError: the folder is in use, or holds results of another origin, or there are too
                few GPUs.
        """
        self._check_gpus()
        origins = self._origins(with_data=True)
        with hold_folder(self.out, 'results folder', keep_for_children=True) as lock:
            notes = read_cell_notes(self.out, self.cells, origins)
            self._write_results(notes)

            def after(cell: Cell) -> str:
                miou = self._write_results(notes).get(cell)
                return '' if miou is None else f', mIoU {percent(miou)} %'

            execution = Execution(
                self.cells,
                notes,
                origins,
                self.out,
                self.root,
                self.commands,
                self.processes,
                after,
            )
            execution.run(lock)
            self._write_results(notes)
        return execution.failed

    def _check_gpus(self) -> None:
        """Refuse to start with too few GPUs: the tools would train on CPUs, silently."""
        visible, wanted = torch.cuda.device_count(), self.study.gpus_per_run * self.processes
        if visible < wanted:
            raise InputError(
                f'study {self.study.path}: {wanted} GPUs are needed, {self.study.gpus_per_run} '
                f'(gpus_per_run) for each of {self.processes} cells side by side (--processes), '
                f'but {visible} are visible'
            )

    def _write_results(self, notes: Mapping[Cell, CellNote]) -> dict[Cell, float]:
        """Write results.json and results.md; return the mIoU of each finished task."""
        scores = read_scores(self.out, self.cells, notes)
        results = summarise_study(self.study, self.cells, notes, scores)
        write_json(self.out / RESULTS, results)
        write_bytes(self.out / TABLES, write_markdown(self.study, results).encode())
        return {cell: score.miou for cell, score in scores.items()}
