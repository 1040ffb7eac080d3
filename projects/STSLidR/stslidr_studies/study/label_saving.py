"""How many labels pretraining saves: the fraction from scratch that gives the same score."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from stslidr.errors import InputError
from stslidr.files.label_split_file import FRACTIONS
from stslidr.text import brief_percent
from stslidr_studies.study.cell_notes import is_finished
from stslidr_studies.study.cells import Cell
from stslidr_studies.study.provenance import resolve_config
from stslidr_studies.study.stored_cell import CellNote
from stslidr_studies.study.study_file import Study
from stslidr_studies.study.study_results import (
    LabelMatch,
    LabelsSaved,
    MethodScore,
    Scores,
    SeedMatch,
)

LESS = 'less than the smallest'
MORE = 'more than all'


@dataclass(frozen=True)
class Match:
    """The label fraction from scratch that matches a score.

    Args:
        fraction: from 0 to 1; None beyond the ends of the curve.
        beyond: `LESS` or `MORE` beyond the ends, else None.
    """

    fraction: float | None
    beyond: str | None = None


def label_fraction(label_split: str | None) -> float:
    """Share of the labels that a named label split holds.

    Raises:
        InputError: it is none of the named label splits.
    """
    if label_split not in FRACTIONS:
        raise InputError(
            f'label split {label_split!r} has no known fraction; known: {", ".join(FRACTIONS)}'
        )
    return 1 / FRACTIONS[label_split]


def check_label_splits(study: Study, cells: Iterable[Cell]) -> None:
    """Check that what `label_saving` asks for can be told from the configs.

    Args:
        study: the study.
        cells: all of it.

    Raises:
        InputError: the config of a task has no label split of known fraction, or two of the curve
            have the same; names the task and the config.
    """
    asked = study.label_saving
    if asked is None:
        return
    known: dict[float, str] = {}
    for cell in cells:
        on_curve = cell.method == study.baseline and cell.step in asked.curve
        if cell.seed != study.seeds[0] or not (on_curve or cell.step == asked.pretrained):
            continue
        where = f'label_saving: task {cell.step}, config {cell.config}'
        split = resolve_config(cell).train_dataloader.dataset.get('label_split')
        try:
            fraction = label_fraction(split)
        except InputError as error:
            raise InputError(f'{where}: {error}') from None
        if on_curve and (other := known.setdefault(fraction, cell.step)) != cell.step:
            raise InputError(
                f'{where}: it has the same share of the labels as {other}, so the '
                'curve would have two scores there'
            )


def matching_fraction(curve: Sequence[tuple[float, float]], score: float) -> Match:
    """The smallest fraction at which the curve reaches `score`.

    Between its points the curve is linear in the logarithm of the fraction.

    Args:
        curve: (fraction, score) pairs with distinct fractions.
        score: to be reached.
    """
    points = sorted(curve)
    if score < points[0][1]:
        return Match(None, LESS)
    if score == points[0][1]:
        return Match(points[0][0])
    for (fraction, value), (next_fraction, next_value) in zip(points, points[1:], strict=False):
        if next_value >= score:
            share = (score - value) / (next_value - value)
            return Match(
                math.exp((1 - share) * math.log(fraction) + share * math.log(next_fraction))
            )
    return Match(None, MORE)


def describe_match(match: LabelMatch) -> str:
    """A match, as results.json has it, in words."""
    fraction = match['fraction']
    return str(match['beyond']) if fraction is None else brief_percent(fraction)


def summarise_label_saving(
    study: Study, scores: Scores, notes: Mapping[Cell, CellNote]
) -> LabelsSaved | None:
    """Label fraction from scratch that matches each pretrained method; None until it is known.

    Args:
        study: the study.
        scores: method -> task -> its summary, as results.json has it.
        notes: of the cells that were started.

    Returns:
        What results.json has under ``label_saving``, see docs/study.md.
    """
    asked = study.label_saving
    if asked is None:
        return None
    baseline = {
        task: score for task in asked.curve if (score := scores[study.baseline][task]) is not None
    }
    if len(baseline) < len(asked.curve):
        return None
    fractions = {
        cell.step: label_fraction(note['label_split'])
        for cell, note in notes.items()
        if is_finished(note) and cell.step in (asked.pretrained, *asked.curve)
    }
    curve = [(fractions[task], score['mean']) for task, score in baseline.items()]
    saved: LabelsSaved = {
        'pretrained': asked.pretrained,
        'curve': [
            {'task': task, 'fraction': fraction, 'miou': miou}
            for task, (fraction, miou) in zip(baseline, curve, strict=True)
        ],
        'methods': {},
    }
    by_fraction = {fractions[task]: score for task, score in baseline.items()}
    for method in study.methods.values():
        score = scores[method.name].get(asked.pretrained)
        if method.pretrain is None or score is None:
            continue
        match = matching_fraction(curve, score['mean'])
        saved['methods'][method.name] = {
            'miou': score['mean'],
            'own_fraction': fractions[asked.pretrained],
            'fraction': match.fraction,
            'beyond': match.beyond,
            'seeds': _match_seeds(score, by_fraction),
        }
    return saved


def _match_seeds(score: MethodScore, curve: Mapping[float, MethodScore]) -> list[SeedMatch]:
    """The match of each seed that has a score and a whole curve, fraction -> summary."""
    by_fraction = {fraction: _by_seed(summary) for fraction, summary in curve.items()}
    found: list[SeedMatch] = []
    for seed, miou in _by_seed(score).items():
        if all(seed in values for values in by_fraction.values()):
            points = [(fraction, values[seed]) for fraction, values in by_fraction.items()]
            match = matching_fraction(points, miou)
            found.append({'seed': seed, 'fraction': match.fraction, 'beyond': match.beyond})
    return found


def _by_seed(summary: MethodScore) -> dict[int, float]:
    return dict(zip(summary['seeds'], summary['miou'], strict=True))
