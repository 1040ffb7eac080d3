"""Predictions beside labels: shares that are right, colours, and the legend, point by point."""

import re
import warnings

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stslidr_studies.report import prediction_figure
from stslidr_studies.report.prediction_figure import IGNORED, draw_section
from support.report_parts import (
    CLASSES,
    NUM_POINTS,
    PALETTE,
    blank_drawing,
    html_of,
    make_labelled,
    make_output,
    pictures_of,
)

UNKNOWN = (-1, len(CLASSES), 255)


@pytest.fixture
def panels(monkeypatch):
    """Points and colours of the panels, instead of pictures of them."""
    seen = []
    monkeypatch.setattr(
        prediction_figure, 'draw_panel', lambda points, colours, _: seen.append((points, colours))
    )
    monkeypatch.setattr(prediction_figure, 'drawing', blank_drawing)
    return seen


def draw(labels, **predictions):
    outputs = {title: make_output(np.asarray(classes)) for title, classes in predictions.items()}
    return draw_section(make_labelled(np.asarray(labels)), outputs)


def captions(section):
    return [shown.caption for shown in pictures_of(section)]


def legend(section):
    """Name -> colour."""
    found = re.findall(r'rgb\((\d+),(\d+),(\d+)\)"></i>(.*?)</li>', html_of(section))
    return {name: tuple(map(int, colour)) for *colour, name in found}


def test_a_perfect_and_a_useless_prediction():
    labels = np.arange(NUM_POINTS) % 3
    section = draw(labels, Good=labels, Bad=(labels + 1) % 3)
    assert captions(section) == [
        'Labels: 60 labelled points',
        'Good: 100.0% of the labelled points right',
        'Bad: 0.0% of the labelled points right',
    ]


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    st.lists(
        st.tuples(st.sampled_from((0, 1, 2, *UNKNOWN)), st.integers(0, 2), st.integers(0, 2)),
        min_size=1,
        max_size=40,
    ).filter(lambda rows: any(0 <= label < 3 for label, _, _ in rows))
)
def test_captions_and_legend_are_those_of_the_loop(panels, rows):
    labels, one, other = (np.array(column) for column in zip(*rows, strict=True))
    known = [(label, *predicted) for label, *predicted in rows if 0 <= label < 3]
    section = draw(labels, A=one, B=other)
    right = [
        sum(label == predicted[place] for label, *predicted in known) / len(known)
        for place in (0, 1)
    ]
    assert captions(section) == [
        f'Labels: {len(known)} labelled points',
        f'A: {right[0]:.1%} of the labelled points right',
        f'B: {right[1]:.1%} of the labelled points right',
    ]
    counts = [sum(label == number for label, _, _ in known) for number in range(3)]
    shown = [
        number
        for number in range(3)
        if counts[number] or any(number in predicted for _, *predicted in rows)
    ]
    assert legend(section) == {
        **{f'{CLASSES[number]} ({counts[number]})': tuple(PALETTE[number]) for number in shown},
        'not labelled': IGNORED,
    }


def test_every_point_has_the_colour_of_its_class(panels):
    rng = np.random.default_rng(5)
    labels = rng.choice((0, 1, 2, *UNKNOWN), NUM_POINTS)
    predicted = rng.integers(0, 3, NUM_POINTS)
    draw(labels, A=predicted)
    (points, shown), (again, guessed) = panels
    assert points is again, 'the same sweep in each panel'
    for number in range(NUM_POINTS):
        known = 0 <= labels[number] < 3
        assert tuple(shown[number]) == (tuple(PALETTE[labels[number]]) if known else IGNORED)
        assert tuple(guessed[number]) == tuple(PALETTE[predicted[number]])


def test_a_class_that_is_only_predicted_stands_in_the_legend(panels):
    section = draw(np.zeros(9, dtype=int), A=[0] * 8 + [2])
    assert list(legend(section)) == ['car (9)', 'road (0)', 'not labelled']


def test_a_class_that_any_method_predicts_stands_in_the_legend(panels):
    section = draw(np.zeros(9, dtype=int), A=[0] * 9, B=[1] * 9)
    assert 'bus (0)' in legend(section) and 'road (0)' not in legend(section)


def test_a_sweep_without_a_labelled_point_has_no_share(panels):
    """Its share would be 0 / 0."""
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        section = draw(np.full(9, 255), A=[0] * 9)
    assert captions(section) == ['Labels: 0 labelled points', 'A: no labelled point to compare']
    assert 'nan' not in html_of(section).split('base64')[0]


@pytest.mark.parametrize('scene, words', [('scene-7', 'A keyframe of scene-7, which'), (None, '')])
def test_the_scene_is_named_where_it_is_known(panels, scene, words):
    labelled = make_labelled(np.zeros(5, dtype=int), scene)
    html = html_of(draw_section(labelled, {'A': make_output(np.zeros(5, dtype=int))}))
    assert (words or 'A keyframe, which') in html


def test_large_counts_are_set_in_groups(panels):
    section = draw(np.zeros(12_345, dtype=int), A=np.zeros(12_345, dtype=int))
    assert captions(section)[0] == 'Labels: 12,345 labelled points'
    assert 'car (12,345)' in legend(section)


def test_alternative_texts_and_titles_are_text(panels):
    section = draw(np.zeros(3, dtype=int), **{'<A> & "B"': np.zeros(3, dtype=int)})
    assert [shown.alt for shown in pictures_of(section)] == [
        'labels, from above',
        'predictions of <A> & "B", from above',
    ]
    assert '<A>' not in html_of(section)
    assert (section.name, section.title) == ('predictions', 'Predictions beside labels')
