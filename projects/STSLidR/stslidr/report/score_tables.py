"""Tables of scores."""

from __future__ import annotations

import numpy as np

from stslidr.report import page
from stslidr.report.encoder_words import describe_encoder, encoder_of
from stslidr.report.finished_study import FinishedStudy
from stslidr.report.page import Cell, Section
from stslidr.report.scores import labelled_points, read_scores, spread

ENCODER_OPTION = 'model.image_encoder.weights'


def tabulate_classes(results: FinishedStudy) -> Section:
    """The section with the IoU of each class, of all methods on the linear probe."""
    study, task = results.study, results.probe
    methods = [method for method in study.methods.values() if task in method.tasks]
    scores = [read_scores(results, method.name, task) for method in methods]
    points = labelled_points(results, study.baseline, task)
    counted = [] if points is None else [[f'{count:,}'] for count in points]
    rows = []
    for number, name in enumerate(scores[0].iou):
        values = [_known_mean(score.iou[name]) for score in scores]
        rows.append([name, *(counted[number] if counted else []), *_mark_best(values)])
    best = int(np.argmax([score.miou.mean() for score in scores]))
    total = [] if points is None else [f'{points.sum():,}']
    rows.append(['mIoU', *total, *(Cell(spread(score.miou), number == best)
                                   for number, score in enumerate(scores))])
    header = ['IoU in %', *(['labelled test points'] if counted else []),
              *(method.title for method in methods)]
    seeds = len(study.seeds)
    note = ('Best in bold. A class that occurs neither as label nor as prediction has no IoU (–) '
            'and is left out of the mean.')
    if seeds > 1:
        note += f' Means over {seeds} seeds, behind ± their standard deviation.'
    return Section('scores', f'Scores: {study.tasks[task].title}', [
        page.table(header, rows, total=True),
        page.paragraph(note, soft=True),
        *_tabulate_tasks(results),
    ])


def _tabulate_tasks(results: FinishedStudy) -> list[str]:
    """A table of all methods on all tasks, where there are several tasks."""
    study = results.study
    if len(study.tasks) == 1:
        return []
    columns = {}
    for task in study.tasks:
        columns[task] = {method.name: read_scores(results, method.name, task).miou
                         for method in study.methods.values() if task in method.tasks}
    best = {task: max(column, key=lambda name: column[name].mean())
            for task, column in columns.items() if column}
    rows = [[method.title, *(
        Cell(spread(column[method.name]), best[task] == method.name)
        if method.name in column else '–' for task, column in columns.items()
    )] for method in study.methods.values()]
    titles = [task.title for task in study.tasks.values()]
    return [page.heading('All tasks'), page.table(['mIoU in %', *titles], rows)]


def compare_encoders(results: FinishedStudy, method: str) -> Section | None:
    """The section that compares image encoders; None where the study has one alone.

    Args:
        results: of the study.
        method: the one that is compared with those whose options name other weights.
    """
    study, task = results.study, results.probe
    names = [method, *(other.name for other in study.methods.values()
                       if other.name != method and ENCODER_OPTION in other.options
                       and task in other.tasks)]
    if len(names) == 1:
        return None
    baseline = read_scores(results, study.baseline, task).miou
    rows, words = [], {}
    for name in names:
        config = results.config(results.pretraining(name))
        kind, weights = encoder_of(config)
        miou = read_scores(results, name, task).miou
        gain = f'{(miou - baseline).mean():+.1f}'.replace('-', '−')
        rows.append([study.methods[name].title, f'{kind}, {weights}', spread(miou), gain])
        words[describe_encoder(config)] = None
    return Section('encoders', 'Which image encoder', [
        page.paragraph('How much of the gain is owed to what the frozen image encoder knows: the '
                       'same study with other weights in it.'),
        page.table(['method', 'encoder, weights', 'mIoU in %',
                    f'points above {study.methods[study.baseline].title}'], rows),
        *map(page.paragraph, words),
    ])


def _known_mean(values: np.ndarray) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else float('nan')


def _mark_best(values: list[float]) -> list[Cell]:
    """One decimal each, the highest in bold; all of those that look equal to it."""
    shown = [round(value, 1) for value in values]
    highest = max((value for value in shown if not np.isnan(value)), default=None)
    return [Cell('–' if np.isnan(value) else f'{value:.1f}', value == highest and highest > 0)
            for value in shown]
