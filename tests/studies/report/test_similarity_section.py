"""The section on similarities: which superpixel is outlined, the scale, and what labels add."""

import re

import numpy as np
import pytest

from stslidr_studies.report.similarity import Similarities
from stslidr_studies.report.similarity_figure import OUTLINE, draw_section
from support.report_parts import (
    NUM_POINTS,
    NUM_SUPERPIXELS,
    html_of,
    make_keyframe,
    make_labelled,
    pictures_of,
)

VIEWS = 2
CHOSEN = NUM_SUPERPIXELS + 4
"""The fifth superpixel of the second image."""


def similarities(chosen=CHOSEN, absent=()):
    """Random cosines; those of the chosen superpixel spread most."""
    count = VIEWS * NUM_SUPERPIXELS
    rng = np.random.default_rng(0)
    cosines = rng.uniform(0.45, 0.55, (count, count)).astype(np.float32)
    cosines[chosen] = np.linspace(-0.5, 0.9, count)
    np.fill_diagonal(cosines, 1.0)
    for slot in absent:
        cosines[slot], cosines[:, slot] = np.nan, np.nan
    pairs = np.full(count, 20)
    return Similarities(cosines, pairs, np.full(count, 0.02), NUM_SUPERPIXELS)


def light_blue(pixels):
    """Pixels of about the outline's colour: JPEG is not exact."""
    return np.abs(pixels.astype(int) - OUTLINE).max(axis=2) < 90


@pytest.mark.parametrize('chosen', [1, CHOSEN])
def test_the_chosen_one_is_outlined_in_its_image_alone(chosen):
    keyframe = make_keyframe(VIEWS)
    section = draw_section(keyframe, similarities(chosen), None)
    image, label = divmod(chosen, NUM_SUPERPIXELS)
    for number, shown in enumerate(pictures_of(section)[:VIEWS]):
        assert light_blue(shown.pixels).any() == (number == image)
        assert shown.caption == f'CAM_{number}'
    assert f'The chosen one is superpixel {label} of CAM_{image}. ' in html_of(section)


def test_the_outline_is_around_the_superpixel():
    keyframe = make_keyframe(VIEWS)
    shown = pictures_of(draw_section(keyframe, similarities(), None))[1]
    inside = keyframe.views[1].superpixels == 4
    rows, columns = np.nonzero(light_blue(shown.pixels))
    found = (rows.min(), rows.max(), columns.min(), columns.max())
    rows, columns = np.nonzero(inside)
    own = (rows.min(), rows.max(), columns.min(), columns.max())
    assert np.abs(np.subtract(found, own)).max() <= 3


def test_the_scale_runs_from_a_low_percentile_to_one():
    found = similarities()
    html = html_of(draw_section(make_keyframe(VIEWS), found, None))
    low = np.percentile(found.cosines[CHOSEN], 2)
    ticks = re.findall(r'<span>(.*?)</span>', html)
    assert ticks == [f'{low:.2f} and below', f'{(low + 1) / 2:.2f}', '1.00']


def test_superpixels_that_vanished_do_not_count_for_the_scale():
    found = similarities(absent=(0, 1, 2))
    html = html_of(draw_section(make_keyframe(VIEWS), found, None))
    low = np.percentile(found.cosines[CHOSEN][3:], 2)
    assert f'<span>{low:.2f} and below</span>' in html


def test_labels_are_in_the_words_alone():
    keyframe, found = make_keyframe(VIEWS), similarities()
    labelled = make_labelled(np.arange(NUM_POINTS) % 3)
    with_labels = draw_section(keyframe, found, labelled)
    without = draw_section(keyframe, found, None)
    for one, other in zip(pictures_of(with_labels), pictures_of(without), strict=True):
        assert (one.pixels == other.pixels).all()
    assert 'By the labels' in html_of(with_labels) and 'By the labels' not in html_of(without)


def test_the_words_are_those_of_a_loop():
    keyframe, found = make_keyframe(VIEWS, seed=3), similarities()
    labelled = make_labelled(np.arange(NUM_POINTS) % 2 * 2)  # cars and roads
    votes = np.zeros((VIEWS * NUM_SUPERPIXELS, 3), dtype=int)
    for view in keyframe.views:
        for point, (row, column) in zip(view.points, view.pixels, strict=True):
            slot = view.number * NUM_SUPERPIXELS + view.superpixels[row, column]
            votes[slot, labelled.classes[point]] += 1
    main = votes[CHOSEN].argmax()
    same, other = [], []
    for slot, counts in enumerate(votes):
        if counts.any() and slot != CHOSEN:
            group = same if counts.argmax() == main else other
            group.append(found.cosines[CHOSEN, slot])
    assert votes[CHOSEN].any() and same and other
    html = html_of(draw_section(keyframe, found, labelled))
    assert f'most of its points are {labelled.names[main]}. ' in html
    assert f'to the {len(same)} other superpixels of that class is {np.mean(same):.2f}, ' in html
    assert f'to the {len(other)} of other classes {np.mean(other):.2f}.' in html


def test_labels_of_no_point_of_the_chosen_one_say_nothing():
    labelled = make_labelled(np.full(NUM_POINTS, 255))
    html = html_of(draw_section(make_keyframe(VIEWS), similarities(), labelled))
    assert 'By the labels' not in html
