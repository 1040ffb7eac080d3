"""The cells of a study: one pretraining or one task, with one method and one seed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stslidr_studies.study.study_file import PRETRAIN, Study


@dataclass(frozen=True, eq=False)
class Cell:
    """What is run as a whole.

    Args:
        method: its name.
        seed: ``randomness.seed``.
        step: `PRETRAIN` or the name of a task.
        config: path of the config file.
        options: ``--cfg-options``, without the seed.
        parent: the pretraining whose checkpoint this task starts from; None for a pretraining,
            and for a task from random weights.
    """

    method: str
    seed: int
    step: str
    config: str
    options: Mapping[str, Any]
    parent: Cell | None = None

    @property
    def is_task(self) -> bool:
        """Whether it is trained with labels and scored."""
        return self.step != PRETRAIN

    @property
    def name(self) -> str:
        """What progress lines and errors call it."""
        return f'{self.method} seed {self.seed} {self.step}'

    @property
    def folder(self) -> Path:
        """Its work dir, relative to the results folder."""
        return Path('runs', self.method, f'seed{self.seed}', self.step)

    @property
    def stored_options(self) -> dict[str, Any]:
        """Its options as a note has them, after a way through JSON."""
        return json.loads(json.dumps(dict(self.options)))

    @property
    def kind(self) -> tuple[str, bool]:
        """Cells of one kind take about the same time."""
        return self.config, self.parent is None


def enumerate_cells(study: Study) -> list[Cell]:
    """All cells, each after its parent; one seed after the other, so that tables fill evenly."""
    cells: list[Cell] = []
    for seed in study.seeds:
        for method in study.methods.values():
            parent = None
            if method.pretrain is not None:
                options = {**study.options, **method.options}
                parent = Cell(method.name, seed, PRETRAIN, method.pretrain, options)
                cells.append(parent)
            for name in method.tasks:
                task = study.tasks[name]
                config = task.scratch if parent is None else task.config
                options = {**study.options, **task.options}
                cells.append(Cell(method.name, seed, name, config, options, parent))
    return cells
