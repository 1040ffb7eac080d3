"""Markdown of a study's results."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from functools import partial

from stslidr.text import brief_percent, markdown_table, percent, points
from stslidr_studies.study.label_saving import describe_match
from stslidr_studies.study.study_file import Study
from stslidr_studies.study.study_results import (
    Difference,
    MethodMatch,
    MethodScore,
    RecordedCell,
    StudyResults,
)

GAP = '–'
"""Stands for what is not there."""
DIGITS = 12
"""Of a hash in the list of cells."""
_percent = partial(percent, gap=GAP)
WIDTH = 118
"""Longest line of a paragraph; a row of a table is one line, however long."""


def write_markdown(study: Study, results: StudyResults) -> str:
    """Return the tables of results that `summarise_study` gives.

    Args:
        study: the study.
        results: its results, complete or not.
    """
    interval = results['interval']
    done = sum(cell['state'] == 'finished' for cell in results['cells'])
    parts = [
        f'# {study.title}',
        f'{done} of {len(results["cells"])} cells are finished.',
        'mIoU in % on the held-out scenes: mean ± standard deviation over seeds [95 % interval '
        f'from {interval["resamples"]} bootstrap resamples].',
        _score_table(study, results, _score_cell),
        f'## Difference to {study.methods[study.baseline].title}',
        'Points of mIoU [95 % interval of the paired difference].',
        _score_table(study, results, _difference_cell),
        *_comparisons(study, results),
        *_arranged(study, results),
        *_class_table(study, results),
        *_label_saving(study, results),
        '## Cells',
        _cell_table(results),
        _paragraph(f'The interval: {interval["procedure"]}.'),
    ]
    return '\n\n'.join(parts) + '\n'


def _paragraph(text: str) -> str:
    return textwrap.fill(text, WIDTH, break_long_words=False, break_on_hyphens=False)


def _score_cell(score: MethodScore | None, num_seeds: int) -> str:
    if score is None:
        return GAP
    text = (
        f'{_percent(score["mean"])}{_spread(score)} '
        f'[{_percent(score["low"])}, {_percent(score["high"])}]'
    )
    return text + _missing(score, num_seeds)


def _spread(score: MethodScore) -> str:
    return '' if score['std'] is None else f' ± {_percent(score["std"])}'


def _difference_cell(score: MethodScore | None, num_seeds: int) -> str:
    return _difference(score and score['difference'], num_seeds)


def _difference(difference: Difference | None, num_seeds: int) -> str:
    if not difference:
        return GAP
    mean, low, high = map(points, (difference['mean'], difference['low'], difference['high']))
    return f'{mean} [{low}, {high}]' + _missing(difference, num_seeds)


def _missing(score: MethodScore | Difference, num_seeds: int) -> str:
    count = len(score['seeds'])
    return '' if count == num_seeds else f' ({count} of {num_seeds} seeds)'


ScoreCell = Callable[[MethodScore | None, int], str]
"""Writes a score; the number is that of all seeds."""


def _score_table(study: Study, results: StudyResults, cell: ScoreCell) -> str:
    """Methods by tasks; `cell` writes a score."""
    rows = [
        [
            method.title,
            *(cell(results['scores'][name].get(task), len(study.seeds)) for task in study.tasks),
        ]
        for name, method in study.methods.items()
    ]
    return markdown_table(['method', *(task.title for task in study.tasks.values())], rows)


def _comparisons(study: Study, results: StudyResults) -> list[str]:
    """Pairs of methods by tasks; none where the study asks for no pair."""
    if not study.compare:
        return []
    rows = [
        [
            ' − '.join(study.methods[pair[role]].title for role in ('method', 'other')),
            *(_difference(pair['tasks'].get(task), len(study.seeds)) for task in study.tasks),
        ]
        for pair in results['comparisons']
    ]
    return [
        '## Differences between methods',
        'Points of mIoU, the first minus the second [95 % interval of the paired difference].',
        markdown_table(['methods', *(task.title for task in study.tasks.values())], rows),
    ]


def _arranged(study: Study, results: StudyResults) -> list[str]:
    """The study's own arrangement: rows, and for each column all tasks."""
    if not study.table:
        return []
    columns = list(dict.fromkeys(column for row in study.table.values() for column in row))
    head = ['', *(f'{column}: {task.title}' for column in columns for task in study.tasks.values())]
    rows = [
        [
            title,
            *(
                _mean(results['scores'][row[column]].get(task)) if column in row else GAP
                for column in columns
                for task in study.tasks
            ),
        ]
        for title, row in study.table.items()
    ]
    return ['## Overview', markdown_table(head, rows)]


def _mean(score: MethodScore | None) -> str:
    if score is None:
        return GAP
    return _percent(score['mean']) + _spread(score)


def _class_table(study: Study, results: StudyResults) -> list[str]:
    """IoU of each class on the first task; none before a score is there."""
    task = next(iter(study.tasks.values()))
    found = {
        method.title: score
        for name, method in study.methods.items()
        if (score := results['scores'][name].get(task.name)) is not None
    }
    if not found:
        return []
    classes = next(iter(found.values()))['iou']
    rows = [
        [label, *(_percent(score['iou'][label]) for score in found.values())] for label in classes
    ]
    rows.append(['mIoU', *(_percent(score['mean']) for score in found.values())])
    return [
        f'## Classes: {task.title}',
        'IoU in %, mean over seeds.',
        markdown_table(['class', *found], rows),
    ]


def _label_saving(study: Study, results: StudyResults) -> list[str]:
    """The answer to how many labels pretraining saves; none before it is known."""
    saving = results['label_saving']
    if not saving:
        return []
    curve = ', '.join(
        f'{brief_percent(point["fraction"])}: {_percent(point["miou"])}'
        for point in saving['curve']
    )
    baseline = study.methods[study.baseline].title
    rows = [
        [
            study.methods[name].title,
            brief_percent(match['own_fraction']),
            _percent(match['miou']),
            describe_match(match),
            ', '.join(map(describe_match, match['seeds'])) or GAP,
            _factor(match),
        ]
        for name, match in saving['methods'].items()
    ]
    return [
        '## Labels saved',
        _paragraph(
            f'Share of the labels with which {baseline} reaches the same mIoU, read off its curve '
            f'({curve}), linear in the logarithm of the share; by seed, on the curve of that seed.'
        ),
        markdown_table(
            ['method', 'labels', 'mIoU', f'labels for {baseline}', 'by seed', 'times as many'], rows
        ),
    ]


def _factor(match: MethodMatch) -> str:
    """How many times the method's own labels the baseline needs."""
    fraction = match['fraction']
    return GAP if fraction is None else f'{fraction / match["own_fraction"]:.1f}'


def _cell_table(results: StudyResults) -> str:
    head = [
        'method',
        'seed',
        'step',
        'mIoU',
        'minutes',
        'config',
        'options',
        'config hash',
        'label split',
        'checkpoint',
        'commit',
    ]
    return markdown_table(head, [_cell_row(cell) for cell in results['cells']])


def _cell_row(cell: RecordedCell) -> list[str]:
    place = [cell['method'], str(cell['seed']), cell['step']]
    if cell['state'] != 'finished':
        return [*place, cell['state'], *[GAP] * 7]
    split = (
        f'{cell["label_split"]} {_short(cell["label_split_sha256"])}'
        if cell['label_split']
        else GAP
    )
    commit = _short(cell['commit']) if cell['commit'] else f'version {cell["version"]}'
    if cell['changes_sha256']:
        commit += f' with changes {_short(cell["changes_sha256"])}'
    return [
        *place,
        _percent(cell['miou']),
        f'{cell["seconds"] / 60:.1f}',
        f'`{cell["config"]}`',
        ' '.join(f'`{key}={value}`' for key, value in cell['options'].items()) or GAP,
        _short(cell['config_sha256']),
        split,
        _short(cell['checkpoint_sha256']),
        commit,
    ]


def _short(digest: str | None) -> str:
    return GAP if digest is None else digest[:DIGITS]
