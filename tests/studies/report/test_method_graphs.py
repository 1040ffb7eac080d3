"""The graphs that compare methods and label shares: what is drawn, and where."""

import io
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from stslidr_studies.report import interval_figure, label_figure
from stslidr_studies.report.axes import COLOURS, NEUTRAL
from stslidr_studies.study.label_saving import LESS, MORE
from stslidr_studies.study.study_file import Method, Task

METHODS = {
    'random': Method('random', 'Random', None, {}, ('probe', 'one', 'all')),
    'slidr': Method('slidr', 'SLidR', 'a.py', {}, ('probe', 'one', 'all')),
    'control': Method('control', 'Control', 'a.py', {}, ('probe',)),
}
TASKS = {
    name: Task(name, f'title of {name}', 'c.py', 'c.py', {}) for name in ('probe', 'one', 'all')
}


def score(mean, width=0.01):
    ends = {'mean': mean, 'low': mean - width, 'high': mean + width}
    return {**ends, 'std': None, 'difference': ends}


def results(comparisons=(), label_saving=None, seeds=(0, 1, 2)):
    scores = {
        'random': {'probe': 0.1, 'one': 0.2, 'all': 0.5},
        'slidr': {'probe': 0.3, 'one': 0.4, 'all': 0.5},
        'control': {'probe': 0.1},
    }
    return SimpleNamespace(
        study=SimpleNamespace(methods=METHODS, tasks=TASKS, seeds=seeds, baseline='random'),
        probe='probe',
        score=lambda method, task: score(scores[method][task]),
        comparisons=comparisons,
        label_saving=label_saving,
    )


def coloured(picture, colour):
    """Which pixels have the colour, bool (H, W)."""
    pixels = np.asarray(Image.open(io.BytesIO(picture.data)).convert('RGB')).astype(int)
    wanted = [int(colour[place : place + 2], 16) for place in (1, 3, 5)]
    return np.abs(pixels - wanted).max(axis=2) <= 3


def test_an_interval_is_as_wide_as_it_is():
    rows = [('narrow', score(0.3, 0.02)), ('wide', score(0.3, 0.08))]
    found = coloured(interval_figure.draw_intervals(rows, 'mIoU', 'alt'), COLOURS[0])
    extents = []
    lines = np.flatnonzero(found.any(axis=1))
    for part in np.split(lines, np.flatnonzero(np.diff(lines) > 1) + 1):
        columns = np.flatnonzero(found[part].any(axis=0))
        extents.append(columns[-1] - columns[0] + 1)
    assert len(extents) == 2, 'one line for each row, the first on top'
    assert extents[1] / extents[0] == pytest.approx(4, rel=0.1)


def test_pairs_of_the_probe_are_compared():
    pairs = [
        {'method': 'slidr', 'other': 'random', 'tasks': {'probe': score(0.2), 'one': score(0.2)}},
        {'method': 'slidr', 'other': 'control', 'tasks': {'one': score(0.2)}},
    ]
    section = interval_figure.draw_section(results(pairs))
    html = ''.join(section.blocks)
    assert html.count('<img') == 2 and 'title of probe: differences' in html
    assert '<td>SLidR − Random</td><td>+20.0 [+19.0, +21.0]</td>' in html
    assert '<td>SLidR − Control</td><td>–</td><td>+20.0 [+19.0, +21.0]</td><td>–</td>' in html
    elsewhere = ''.join(interval_figure.draw_section(results(pairs[1:])).blocks)
    assert elsewhere.count('<img') == 1, 'no pair of the probe, but its methods'
    assert interval_figure.draw_section(results()) is None


@pytest.mark.parametrize(
    'seeds, said, unsaid',
    [
        ((0,), 'another seed would give', 'Means over seeds'),
        ((0, 1), 'Means over seeds', 'another seed would give'),
    ],
)
def test_one_seed_is_not_called_several(seeds, said, unsaid):
    pairs = [{'method': 'slidr', 'other': 'random', 'tasks': {'probe': score(0.2)}}]
    html = ''.join(interval_figure.draw_section(results(pairs, seeds=seeds)).blocks)
    assert said in html and unsaid not in html


SAVING = {
    'pretrained': 'one',
    'curve': [
        {'task': 'one', 'fraction': 0.01, 'miou': 0.2},
        {'task': 'all', 'fraction': 1.0, 'miou': 0.5},
    ],
    'methods': {
        'slidr': {
            'miou': 0.4,
            'own_fraction': 0.01,
            'fraction': 0.2154,
            'beyond': None,
            'seeds': [
                {'seed': 0, 'fraction': None, 'beyond': MORE},
                {'seed': 1, 'fraction': None, 'beyond': LESS},
                {'seed': 2, 'fraction': 0.1, 'beyond': None},
            ],
        }
    },
}


def test_the_labels_saved_stand_in_the_table():
    section = label_figure.draw_section(results(label_saving=SAVING))
    html = ''.join(section.blocks)
    assert 'with 1 % of the labels' in html and 'labels for Random' in html
    for cell in ('SLidR', '40.0', '21.5 %', f'{MORE}, {LESS}, 10 %'):
        assert f'<td>{cell}</td>' in html
    assert label_figure.draw_section(results()) is None


def test_a_task_beside_the_curve_is_drawn_too(monkeypatch):
    drawn = {}
    draw = label_figure.draw_label_curves
    monkeypatch.setattr(
        label_figure,
        'draw_label_curves',
        lambda curves, *words: (drawn.update(curves), draw(curves, *words))[1],
    )
    beside = {
        **SAVING,
        'curve': [
            {'task': 'all', 'fraction': 1.0, 'miou': 0.5},
            {'task': 'probe', 'fraction': 0.1, 'miou': 0.1},
        ],
    }
    label_figure.draw_section(results(label_saving=beside))
    assert [share for share, _ in drawn['SLidR']] == [0.01, 0.1, 1.0]
    assert [point['mean'] for _, point in drawn['Random']] == [0.2, 0.1, 0.5]


def test_a_curve_joins_its_points():
    curves = {
        'Random': [(0.01, score(0.2)), (0.1, score(0.3)), (1.0, score(0.4))],
        'SLidR': [(0.01, score(0.4)), (1.0, score(0.4))],
    }
    picture = label_figure.draw_label_curves(curves, 'Random', 'words')
    found = coloured(picture, COLOURS[0])
    heights = [
        np.flatnonzero(found[:, int(part * found.shape[1])]).tolist() for part in (0.3, 0.5, 0.7)
    ]
    assert heights[0] and heights.count(heights[0]) == 3, 'level from 1 % to 100 %'
    assert coloured(picture, NEUTRAL).any(), 'the baseline has its own colour'
    assert picture.alt == 'words'
