"""The results of a study as far as it has come, in plain types for results.json."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from stslidr.errors import InputError
from stslidr.evaluation.confusion import class_iou, mean_iou
from stslidr.evaluation.result_file import read_result
from stslidr_studies.study.bootstrap import (
    LEVEL,
    RESAMPLES,
    SEED,
    deviation,
    estimate,
    estimate_difference,
)
from stslidr_studies.study.cell_notes import is_finished
from stslidr_studies.study.cells import Cell
from stslidr_studies.study.commands import RESULT
from stslidr_studies.study.label_saving import summarise_label_saving
from stslidr_studies.study.stored_cell import CellNote
from stslidr_studies.study.study_file import Study, Task
from stslidr_studies.study.study_results import (
    Comparison,
    Difference,
    MethodScore,
    RecordedCell,
    Scores,
    StudyResults,
    TaskWords,
)

PROCEDURE = (
    'central 95 % of resamples; each draws seeds with replacement, and held-out scenes with '
    'replacement once for all seeds, sums the confusion matrices of the drawn scenes, and takes '
    'the mean over the drawn seeds; a difference uses the same draws for both methods'
)


@dataclass(frozen=True)
class TaskScore:
    """The score of one finished task cell.

    Args:
        scenes: names of the held-out scenes, sorted.
        classes: names of the classes.
        confusion: int64 (N, K, K), one matrix a scene, labels in rows.
    """

    scenes: tuple[str, ...]
    classes: tuple[str, ...]
    confusion: np.ndarray

    @classmethod
    def read(cls, path: Path) -> TaskScore:
        """Read a result of ``tools/test.py --json``.

        Raises:
            MissingFileError: there is no such file.
            InputError: it does not hold the confusion matrix of each scene, or they count nothing.
        """
        stored = read_result(path).get('segmentation')
        segmentation = stored if isinstance(stored, dict) else {}
        by_scene = segmentation.get('confusion')
        if not by_scene:
            raise InputError(
                f'{path} has no segmentation.confusion, the confusion matrix of each '
                'scene: score with this version of tools/test.py and a PointSegMetric'
            )
        try:
            classes = tuple(segmentation['all']['iou'])
            scenes = tuple(sorted(by_scene))
            confusion = np.array([by_scene[scene] for scene in scenes], dtype=np.int64)
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise InputError(f'{path} is damaged in its segmentation: {error!r}') from error
        if confusion.shape[1:] != (len(classes), len(classes)) or confusion.min() < 0:
            raise InputError(
                f'{path} is damaged: its segmentation.confusion holds no counts of '
                f'{len(classes)} by {len(classes)} classes for each scene'
            )
        if not confusion.any():
            raise InputError(
                f'{path}: no point of the held-out scenes has a label, so there is no '
                'score; delete the folder and score data with labels'
            )
        return cls(scenes, classes, confusion)

    @property
    def miou(self) -> float:
        """Over all scenes, from 0 to 1."""
        return float(mean_iou(self.confusion.sum(axis=0)))


def read_scores(
    out: Path, cells: Iterable[Cell], notes: Mapping[Cell, CellNote]
) -> dict[Cell, TaskScore]:
    """Scores of all finished task cells.

    Raises:
        InputError: two cells of a task were scored on other scenes or classes; names both.
    """
    scores: dict[Cell, TaskScore] = {}
    first: dict[str, Cell] = {}
    for cell in cells:
        if not (cell.is_task and is_finished(notes.get(cell))):
            continue
        score = scores[cell] = TaskScore.read(out / cell.folder / RESULT)
        other = first.setdefault(cell.step, cell)
        if (score.scenes, score.classes) != (scores[other].scenes, scores[other].classes):
            raise InputError(
                f'{out / cell.folder / RESULT} and {out / other.folder / RESULT} are '
                'scores on other scenes or classes, so they cannot be compared'
            )
    return scores


def summarise_study(
    study: Study,
    cells: list[Cell],
    notes: Mapping[Cell, CellNote],
    scores: Mapping[Cell, TaskScore],
) -> StudyResults:
    """Everything that the tables show; docs/study.md describes the keys.

    Args:
        study: the study.
        cells: all of it.
        notes: of the cells that were started.
        scores: of the finished task cells.
    """
    by_place = {(cell.method, cell.step, cell.seed): score for cell, score in scores.items()}
    summary: Scores = {
        method.name: {
            task: _summarise_task(study, by_place, method.name, task) for task in method.tasks
        }
        for method in study.methods.values()
    }
    finished = [cell for cell in cells if is_finished(notes.get(cell))]
    return {
        'title': study.title,
        'study': study.path,
        'baseline': study.baseline,
        'seeds': list(study.seeds),
        'complete': len(finished) == len(cells),
        'interval': {'level': LEVEL, 'resamples': RESAMPLES, 'seed': SEED, 'procedure': PROCEDURE},
        'methods': {
            name: {
                'title': method.title,
                'pretrain': method.pretrain,
                'options': dict(method.options),
            }
            for name, method in study.methods.items()
        },
        'tasks': {name: _describe_task(task, notes) for name, task in study.tasks.items()},
        'scores': summary,
        'comparisons': [_compare(study, by_place, *pair) for pair in study.compare],
        'label_saving': summarise_label_saving(study, summary, notes),
        'cells': [_describe_cell(cell, notes.get(cell), scores.get(cell)) for cell in cells],
    }


def _summarise_task(
    study: Study, by_place: Mapping[tuple[str, str, int], TaskScore], method: str, task: str
) -> MethodScore | None:
    """Scores of a method on a task over the seeds that are there; None without any."""
    seeds = [seed for seed in study.seeds if (method, task, seed) in by_place]
    if not seeds:
        return None
    found = [by_place[method, task, seed] for seed in seeds]
    confusion = np.stack([score.confusion for score in found])
    iou = class_iou(confusion.sum(axis=1))
    values = [score.miou for score in found]
    interval = estimate(confusion)
    return {
        'seeds': seeds,
        'miou': values,
        'mean': interval.mean,
        'std': deviation(values),
        'low': interval.low,
        'high': interval.high,
        'difference': None
        if method == study.baseline
        else _difference(study, by_place, method, study.baseline, task),
        'iou': {
            name: None if np.isnan(column).all() else float(np.nanmean(column))
            for name, column in zip(found[0].classes, iou.T, strict=True)
        },
    }


def _difference(
    study: Study,
    by_place: Mapping[tuple[str, str, int], TaskScore],
    method: str,
    other: str,
    task: str,
) -> Difference | None:
    """Difference of two methods over the seeds that both have; None without any."""
    common = [
        seed
        for seed in study.seeds
        if all((name, task, seed) in by_place for name in (method, other))
    ]
    if not common:
        return None
    one, two = (
        np.stack([by_place[name, task, seed].confusion for seed in common])
        for name in (method, other)
    )
    found = estimate_difference(one, two)
    return {'seeds': common, 'mean': found.mean, 'low': found.low, 'high': found.high}


def _compare(
    study: Study, by_place: Mapping[tuple[str, str, int], TaskScore], method: str, other: str
) -> Comparison:
    """Differences of two methods on each task that both run."""
    tasks = [task for task in study.methods[method].tasks if task in study.methods[other].tasks]
    return {
        'method': method,
        'other': other,
        'tasks': {task: _difference(study, by_place, method, other, task) for task in tasks},
    }


def _describe_task(task: Task, notes: Mapping[Cell, CellNote]) -> TaskWords:
    """What a task is, and the label split that its finished cells were trained on."""
    found = {
        (note['label_split'], note['label_split_sha256'])
        for cell, note in notes.items()
        if cell.step == task.name and is_finished(note)
    }
    if len(found) > 1:
        raise InputError(
            f'the cells of task {task.name} were trained on different label splits: '
            f'{sorted(found, key=str)}'
        )
    split, digest = found.pop() if found else (None, None)
    return {
        'title': task.title,
        'config': task.config,
        'scratch': task.scratch,
        'options': dict(task.options),
        'label_split': split,
        'label_split_sha256': digest,
    }


def _describe_cell(cell: Cell, note: CellNote | None, score: TaskScore | None) -> RecordedCell:
    described: RecordedCell = {
        'folder': cell.folder.as_posix(),
        'method': cell.method,
        'seed': cell.seed,
        'step': cell.step,
        'state': _state(note),
        'miou': None if score is None else score.miou,
    }
    if note is None:
        return described
    return {  # get: a note of an earlier version may lack one
        **described,
        'config': note.get('config'),
        'config_sha256': note.get('config_sha256'),
        'options': note.get('options'),
        'label_split': note['label_split'],
        'label_split_sha256': note['label_split_sha256'],
        'parent_checkpoint_sha256': note.get('parent_checkpoint_sha256'),
        'checkpoint_sha256': note['checkpoint_sha256'],
        'image_weights_sha256': note.get('image_weights_sha256'),
        'gpus_per_run': note.get('gpus_per_run'),
        'commit': note['commit'],
        'changes_sha256': note['changes_sha256'],
        'version': note['version'],
        'started': note['started'],
        'ended': note['ended'],
        'seconds': note['seconds'],
    }


def _state(note: CellNote | None) -> str:
    if note is None:
        return 'missing'
    return 'finished' if is_finished(note) else 'unfinished'
