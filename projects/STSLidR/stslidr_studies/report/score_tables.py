"""Tables of scores."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from stslidr_studies.report import page
from stslidr_studies.report.encoder_words import describe_encoder, encoder_of
from stslidr_studies.report.finished_study import FinishedStudy, gain_of
from stslidr_studies.report.numbers import GAP, percent, points, spread
from stslidr_studies.report.page import Section, TableCell
from stslidr_studies.study.study_file import Method
from stslidr_studies.study.study_results import MethodScore

ENCODER_OPTION = 'model.image_encoder.weights'


def tabulate_classes(results: FinishedStudy) -> Section:
    """The section with the IoU of each class, of all methods on the linear probe."""
    study, task = results.study, results.probe
    methods = [method for method in study.methods.values() if task in method.tasks]
    scores = [results.score(method.name, task) for method in methods]
    counts = results.labelled_points(task)
    rows: list[list[TableCell | str]] = [
        [name, *_mark_best([score['iou'][name] for score in scores]), f'{count:,}']
        for name, count in zip(scores[0]['iou'], counts.tolist(), strict=True)
    ]
    rows.append(['mIoU', *_mark_best_mean(scores), f'{counts.sum():,}'])
    header = ['IoU in %', *(method.title for method in methods), 'labelled test points']
    note = (
        'Best in bold. A class that occurs neither as label nor as prediction has no IoU '
        f'({GAP}) and is left out of the mean.'
    )
    if len(study.seeds) > 1:
        note += f' Means over {len(study.seeds)} seeds; behind ±, the standard deviation.'
    return Section(
        'scores',
        f'Scores: {study.tasks[task].title}',
        [
            page.table(header, rows, total=True),
            page.paragraph(note, soft=True),
            *_tabulate_tasks(results),
        ],
    )


def _tabulate_tasks(results: FinishedStudy) -> list[str]:
    """A table of all methods on all tasks, where there are several tasks."""
    study = results.study
    if len(study.tasks) == 1:
        return []
    columns = []
    for task in study.tasks:
        names = [method.name for method in study.methods.values() if task in method.tasks]
        marked = _mark_best_mean([results.score(name, task) for name in names])
        columns.append(dict(zip(names, marked, strict=True)))
    rows = [
        [method.title, *(column.get(method.name, GAP) for column in columns)]
        for method in study.methods.values()
    ]
    titles = [task.title for task in study.tasks.values()]
    return [page.heading('All tasks'), page.table(['mIoU in %', *titles], rows)]


def compare_encoders(results: FinishedStudy, method: str) -> Section | None:
    """The section that compares image encoders; None where the study has one alone.

    Args:
        results: of the study.
        method: the one that is compared with those that differ from it in the encoder's weights
            alone.
    """
    study, task = results.study, results.probe
    shown = study.methods[method]
    names = [
        method,
        *(
            other.name
            for other in study.methods.values()
            if other.name != method
            and task in other.tasks
            and _without_encoder(other) == _without_encoder(shown)
        ),
    ]
    if len(names) == 1:
        return None
    rows: list[list[str]] = []
    words: dict[str, None] = {}
    for name in names:
        config = results.config(results.pretraining(name))
        kind, weights = encoder_of(config)
        score = results.score(name, task)
        rows.append(
            [
                study.methods[name].title,
                f'{kind}, {weights}',
                spread(score),
                points(gain_of(score)['mean']),
            ]
        )
        words[describe_encoder(config)] = None
    return Section(
        'encoders',
        'Which image encoder',
        [
            page.paragraph(
                'How much of the gain is owed to what the frozen image encoder knows: the '
                'same study with other weights in it.'
            ),
            page.table(
                [
                    'method',
                    'encoder, weights',
                    'mIoU in %',
                    f'points above {study.methods[study.baseline].title}',
                ],
                rows,
            ),
            *map(page.paragraph, words),
        ],
    )


def _without_encoder(method: Method) -> tuple[str | None, dict[str, Any]]:
    """What a method's pretraining is, but for the weights of its image encoder."""
    options = {key: value for key, value in method.options.items() if key != ENCODER_OPTION}
    return method.pretrain, options


def _mark_best(shares: Sequence[float | None]) -> list[TableCell]:
    """In per cent, the highest in bold, with all that look equal to it; none if all look 0."""
    best = percent(max((share for share in shares if share is not None), default=0.0))
    return [TableCell(percent(share), percent(share) == best != percent(0.0)) for share in shares]


def _mark_best_mean(scores: Sequence[MethodScore]) -> list[TableCell]:
    best = percent(max(score['mean'] for score in scores))
    return [TableCell(spread(score), percent(score['mean']) == best) for score in scores]
