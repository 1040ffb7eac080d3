"""Studies, cells, notes and results that nothing was trained for: for tests of bookkeeping."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from stslidr_studies.study.cells import Cell, enumerate_cells
from stslidr_studies.study.commands import RESULT
from stslidr_studies.study.stored_cell import CellNote, CellOrigin
from stslidr_studies.study.study_file import Method, Study, Task

CLASSES = ('car', 'bus', 'road')
SCENES = ('a', 'b', 'c', 'd')


def make_study(seeds: tuple[int, ...] = (0, 1), **changes: Any) -> Study:
    """A study of `random`, `good` and `probed` (one task alone) on the tasks `probe` and `one`."""
    methods = (
        Method('random', 'Random', None, {}, ('probe', 'one')),
        Method('good', 'Good', 'pretrain.py', {'model.width': 8}, ('probe', 'one')),
        Method('probed', 'Probed', 'pretrain.py', {}, ('probe',)),
    )
    tasks = (
        Task('probe', 'Probe', 'probe.py', 'probe.py', {}),
        Task('one', '1 %', 'one.py', 'scratch.py', {}),
    )
    settings: dict[str, Any] = {
        'path': 'study.yaml',
        'title': 'Made up',
        'data_root': 'data',
        'gpus_per_run': 0,
        'options': {},
        'methods': {method.name: method for method in methods},
        'tasks': {task.name: task for task in tasks},
        'baseline': 'random',
        'compare': (),
        'shown': 'good',
        'label_saving': None,
        'table': {},
    }
    return Study(seeds=seeds, **{**settings, **changes})


def make_origin(cell: Cell) -> CellOrigin:
    """What a cell is said to be made from."""
    return {
        'method': cell.method,
        'seed': cell.seed,
        'step': cell.step,
        'config': cell.config,
        'config_sha256': f'config {cell.config}',
        'options': cell.stored_options,
        'gpus_per_run': 0,
        'commit': None,
        'changes_sha256': None,
        'version': '1',
        'data': {'train.pkl': 'digest'},
        'image_weights_sha256': None,
        'settings': {'seed': cell.seed},
    }


def make_note(cell: Cell, **changes: Any) -> CellNote:
    """The note of a finished cell."""
    note: CellNote = {
        'parent_checkpoint_sha256': None if cell.parent is None else digest_of(cell.parent),
        'trained': True,
        'checkpoint': 'epoch_3.pth',
        'checkpoint_sha256': digest_of(cell),
        'label_split': '1pct' if cell.is_task else None,
        'label_split_sha256': 'split' if cell.is_task else None,
        'ended': 'today',
        'started': 'yesterday',
        'seconds': 60.0,
        'commands': [['python', 'tools/train.py', cell.config, '--data-root', 'data']],
        **make_origin(cell),
    }
    return {**note, **changes}  # type: ignore[typeddict-item]  # any key, to spoil it


def make_notes(study: Study) -> dict[Cell, CellNote]:
    """Records of all cells of a study, all finished."""
    return {cell: make_note(cell) for cell in enumerate_cells(study)}


def digest_of(cell: Cell) -> str:
    """What stands for the SHA-256 of a cell's checkpoint."""
    return f'weights of {cell.name}'


def make_result(cell: Cell, confusion: Mapping[str, Any], **changes: Any) -> dict[str, Any]:
    """What tools/test.py leaves of a cell, with the confusion matrix of each scene."""
    return {
        'config_sha256': '0',
        'checkpoint_sha256': digest_of(cell),
        'test_time_augmentation': False,
        'label_split': '1pct',
        'label_split_sha256': 'split',
        'segmentation': {'all': {'iou': dict.fromkeys(CLASSES, 0.0)}, 'confusion': confusion},
        **changes,
    }


def draw_confusion(rng: np.random.Generator) -> dict[str, list[list[int]]]:
    """Random counts of each scene, most of them right."""
    return {
        scene: (rng.integers(0, 30, (3, 3)) + np.diag(rng.integers(1, 90, 3))).tolist()
        for scene in SCENES
    }


def write_results(out: Path, study: Study, seed: int = 0) -> dict[Cell, dict[str, Any]]:
    """Write a random result of each task cell of a study; return the confusion matrices."""
    rng = np.random.default_rng(seed)
    drawn = {}
    for cell in enumerate_cells(study):
        if cell.is_task:
            drawn[cell] = draw_confusion(rng)
            write_result_of(out, cell, drawn[cell])
    return drawn


def write_result_of(out: Path, cell: Cell, confusion: Mapping[str, Any], **changes: Any) -> Path:
    """Write one result into a cell's folder; return its path."""
    path = out / cell.folder / RESULT
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(make_result(cell, confusion, **changes)))
    return path
