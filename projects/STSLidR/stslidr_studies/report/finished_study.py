"""A study that has run to its end: the configs, checkpoints, scores and logs of its cells.

A results folder is data: models are built from the study's own configs, never from a file in it.
"""

from __future__ import annotations

import shlex
from functools import cached_property
from pathlib import Path

import numpy as np
from mmengine.config import Config

from stslidr.errors import InputError, MissingFileError
from stslidr.running.launch import set_data_root
from stslidr_studies.report.training_log import TrainingLog, read_log
from stslidr_studies.study.cell_notes import (
    NOTE,
    check_result,
    is_finished,
    parent_differences,
    read_cell_note,
)
from stslidr_studies.study.cells import Cell, enumerate_cells
from stslidr_studies.study.provenance import describe_settings, differences, resolve_config
from stslidr_studies.study.results import TaskScore, read_scores, summarise_study
from stslidr_studies.study.stored_cell import CellNote
from stslidr_studies.study.study_file import PRETRAIN, Study
from stslidr_studies.study.study_results import (
    Comparison,
    Difference,
    LabelsSaved,
    MethodScore,
    StudyResults,
)

TOOL = 'tools/run_experiment.py'
DIGITS = 12
"""Of a hash that is shown."""


class FinishedStudy:
    """What a results folder holds of a study.

    Args:
        study: the study.
        folder: its results.
        data_root: folder of the data; None takes the study's.

    Raises:
        MissingFileError: the folder, or the end of a cell, is not there; says what to run.
        InputError: a cell is damaged, or was run with another config, other options or another
            pretraining; its scores are not those of its checkpoint. Names it.
    """

    def __init__(self, study: Study, folder: str | Path, data_root: str | None = None) -> None:
        self.study, self.folder = study, Path(folder)
        self.given_root = data_root
        self.notes: dict[Cell, CellNote] = {}
        self.cells = {(cell.method, cell.step, cell.seed): cell for cell in enumerate_cells(study)}
        if not self.folder.is_dir():
            raise MissingFileError(f'results {folder} do not exist: {self.advice}')
        for cell in self.cells.values():
            if (note := self._read(cell)) is not None:
                self.notes[cell] = note
        waiting = [cell for cell in self.cells.values() if not is_finished(self.notes.get(cell))]
        if waiting:
            raise MissingFileError(
                f'{self.folder / waiting[0].folder} is not finished ({len(waiting)} of '
                f'{len(self.cells)} cells of {study.path} are not): {self.advice}'
            )

    @property
    def advice(self) -> str:
        """What to run to get the results, or the rest of them."""
        return f'run {self.command}'

    @property
    def command(self) -> str:
        """The command that makes the results, on the data that were used so far."""
        words = ['python', TOOL, self.study.path, '--out', str(self.folder)]
        if self._stated_root != self.study.data_root:
            words += ['--data-root', self._stated_root]
        return shlex.join(words)

    @property
    def data_words(self) -> list[str]:
        """What a command line adds to name the data; nothing where they are the study's."""
        return [] if self.given_root is None else ['--data-root', self.given_root]

    @property
    def _data_root(self) -> str:
        """The folder of the data: as the user says, or the study, but not the results alone."""
        if self.given_root is not None:
            return self.given_root
        if self._stated_root != self.study.data_root:
            raise InputError(
                f'{self.folder}: its runs used the data in {self._stated_root}, and the study '
                f'names {self.study.data_root}: say with --data-root where the data are'
            )
        return self.study.data_root

    @property
    def _stated_root(self) -> str:
        """The folder of the data that the first cell's command names, in words of the results."""
        for cell, note in self.notes.items():
            for command in note['commands']:
                try:
                    return str(command[command.index('--data-root') + 1])
                except (ValueError, IndexError, TypeError, AttributeError):
                    raise InputError(
                        f'{self.folder / cell.folder / NOTE}: a command names no --data-root'
                    ) from None
        return self.study.data_root

    @property
    def commits(self) -> list[str]:
        """What the cells were run at, each once."""
        return sorted(set(map(commit_of, self.notes.values())))

    def _read(self, cell: Cell) -> CellNote | None:
        note = read_cell_note(self.folder / cell.folder)
        if note is not None:
            wanted = {
                'method': cell.method,
                'seed': cell.seed,
                'step': cell.step,
                'config': cell.config,
                'options': cell.stored_options,
            }
            found = differences(note, wanted) + parent_differences(note, cell, self.notes)
            if found:
                raise InputError(
                    f'{self.folder / cell.folder} is of another run: {"; ".join(found)}'
                )
            if cell.is_task and is_finished(note):
                check_result(self.folder / cell.folder, note)
        return note

    def cell(self, method: str, step: str, seed: int) -> Cell:
        """A cell by the names of its method and task, or `PRETRAIN`."""
        return self.cells[method, step, seed]

    @property
    def first_seed(self) -> int:
        """Whose models are drawn."""
        return self.study.seeds[0]

    def config(self, cell: Cell) -> Config:
        """The config of a cell with its options and seed, on the study's data, or those given.

        It is read from the study's own file, as the config that the run left beside its checkpoint
        is code. `changed_configs` says where the two differ.

        Raises:
            MissingFileError: the file, or one that it is based on, does not exist.
            InputError: the file is no config, or the runs used data in another folder.
        """
        config = resolve_config(cell)
        set_data_root(config, self._data_root)
        return config

    @property
    def changed_configs(self) -> list[str]:
        """A line for each cell whose config is no longer what it was trained with."""
        changed = []
        for cell, note in self.notes.items():
            if 'settings' in note and (found := differences(note, describe_settings(cell))):
                changed.append(f'{cell.name}, {cell.config}: {"; ".join(found)}')
        return changed

    def checkpoint(self, cell: Cell) -> str:
        """Path of the cell's last checkpoint."""
        return str(self.folder / cell.folder / str(self.notes[cell]['checkpoint']))

    def log(self, cell: Cell) -> TrainingLog:
        """What the cell logged."""
        return read_log(self.folder / cell.folder)

    @cached_property
    def _scores(self) -> dict[Cell, TaskScore]:
        return read_scores(self.folder, self.cells.values(), self.notes)

    @cached_property
    def _summary(self) -> StudyResults:
        return summarise_study(self.study, list(self.cells.values()), self.notes, self._scores)

    def score(self, method: str, task: str) -> MethodScore:
        """Scores of a method on a task over all seeds, as results.json has them, from 0 to 1.

        Raises:
            InputError: a result does not hold what they are computed from; names it.
        """
        score = self._summary['scores'][method][task]
        if score is None:
            raise KeyError(f'no score of {method} on {task}, though all cells are finished')
        return score

    @property
    def comparisons(self) -> list[Comparison]:
        """Differences of the pairs that the study compares, as results.json has them."""
        return self._summary['comparisons']

    @property
    def label_saving(self) -> LabelsSaved | None:
        """How many labels pretraining saves, as results.json has it; None if it is not asked."""
        return self._summary['label_saving']

    def labelled_points(self, task: str) -> np.ndarray:
        """Labelled points of each class, int64 (K,), that a task is scored on."""
        cell = self.cell(self.study.baseline, task, self.first_seed)
        return self._scores[cell].confusion.sum(axis=(0, 2))

    @cached_property
    def probe(self) -> str:
        """Name of the first task that trains nothing but a head on a frozen backbone.

        Raises:
            InputError: the study has none, or the baseline does not run it.
        """
        baseline = self.study.methods[self.study.baseline]
        for task in baseline.tasks:
            model = self.config(self.cell(baseline.name, task, self.first_seed)).model
            if model.get('frozen_backbone'):
                return task
        raise InputError(
            f'study {self.study.path}: its baseline {baseline.name} runs no linear '
            'probe, a task whose config has model.frozen_backbone=True'
        )

    @property
    def shown(self) -> str:
        """Name of the pretrained method that pictures are of.

        Raises:
            InputError: the study has none, or it is not probed, or the baseline is pretrained too.
        """
        baseline = self.study.methods[self.study.baseline]
        if baseline.pretrain is not None:
            raise InputError(
                f'study {self.study.path}: the report says what pretraining adds, and '
                f'its baseline {baseline.name} is pretrained'
            )
        name = self.study.shown
        if name is None:
            raise InputError(
                f'study {self.study.path} has no method with pretraining, so there is '
                'nothing to draw'
            )
        if self.probe not in self.study.methods[name].tasks:
            raise InputError(
                f'study {self.study.path}: {name}, the method that is shown, does not '
                f'run {self.probe}; name another as `shown`'
            )
        return name

    def pretraining(self, method: str) -> Cell:
        """The pretraining of a method with the first seed."""
        return self.cell(method, PRETRAIN, self.first_seed)


def gain_of(score: MethodScore) -> Difference:
    """The difference to the baseline.

    Raises:
        KeyError: the score is the baseline's own.
    """
    if score['difference'] is None:
        raise KeyError('the baseline has no difference to itself')
    return score['difference']


def commit_of(note: CellNote) -> str:
    """The commit that a cell was run at, and whether there were changes on top of it."""
    commit = note['commit']
    if commit is None:
        return f'none, version {note["version"]}'
    return commit[:DIGITS] + (' with changes' if note['changes_sha256'] else '')
