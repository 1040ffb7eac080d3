"""Features as colours: every point has one colour from above and in all images."""

import re

import numpy as np
import pytest

from stslidr.errors import InputError
from stslidr.inspection.camera_sheet import DIMMED
from stslidr_studies.report import feature_figure
from stslidr_studies.report.feature_figure import EXTENT, VIEWS, draw_section
from support.report_parts import (
    HEIGHT,
    NUM_POINTS,
    WIDTH,
    html_of,
    make_keyframe,
    make_output,
    pictures_of,
)


@pytest.fixture
def drawn(monkeypatch):
    """What is handed on to be drawn: panels from above, and images."""
    seen = {'panels': [], 'images': []}
    panel, photo = feature_figure.draw_panel, feature_figure.photograph

    def draw_panel(points, colours, extent):
        seen['panels'].append((points, colours, extent))
        return panel(points, colours, extent)

    def photograph(image, alt):
        seen['images'].append(image)
        return photo(image, alt)

    monkeypatch.setattr(feature_figure, 'draw_panel', draw_panel)
    monkeypatch.setattr(feature_figure, 'photograph', photograph)
    return seen


def outputs(**features):
    classes = np.zeros(NUM_POINTS, dtype=np.int64)
    return {title: make_output(classes, values) for title, values in features.items()}


def random_features(channels, seed=0):
    scales = np.arange(channels, 0, -1) ** 2
    return np.random.default_rng(seed).normal(size=(NUM_POINTS, channels)) * scales


def share_of_three(features):
    """By singular values instead of a covariance matrix."""
    singular = np.linalg.svd(features - features.mean(axis=0), compute_uv=False) ** 2
    return singular[:3].sum() / singular.sum()


def test_captions_say_how_much_of_the_variance_is_shown():
    features = {'Random': random_features(5), 'Trained': random_features(12, 1)}
    section = draw_section(make_keyframe(), outputs(**features))
    for shown, (title, values) in zip(pictures_of(section)[:2], features.items(), strict=True):
        share = f'{share_of_three(values):.0%}'
        assert shown.caption == (
            f'{title}: three components hold {share} of the variance of {values.shape[1]} features'
        )
        assert shown.alt == f'features of {title} as colours, from above'


def test_three_features_hold_all():
    section = draw_section(make_keyframe(), outputs(Plain=random_features(3)))
    assert 'hold 100% of the variance of 3 features' in html_of(section)


def test_a_point_has_one_colour_everywhere(drawn):
    keyframe = make_keyframe()
    draw_section(keyframe, outputs(One=random_features(6)))
    ((points, colours, extent),) = drawn['panels']
    assert points is keyframe.points and extent == EXTENT
    assert colours.shape == (NUM_POINTS, 3)
    assert len(drawn['images']) == VIEWS
    for image, view in zip(drawn['images'], keyframe.views, strict=False):
        for point, (row, column) in zip(view.points, view.pixels, strict=True):
            around = image[max(row - 3, 0) : row + 4, max(column - 3, 0) : column + 4]
            assert (around == colours[point]).all(axis=2).any(), 'it is drawn where it is seen'


def test_the_rest_of_an_image_is_dimmed(drawn):
    keyframe = make_keyframe()
    draw_section(keyframe, outputs(One=random_features(6)))
    for image, view in zip(drawn['images'], keyframe.views, strict=False):
        far = np.ones((HEIGHT, WIDTH), dtype=bool)
        for row, column in view.pixels:
            far[max(row - 3, 0) : row + 4, max(column - 3, 0) : column + 4] = False
        assert far.any() and (image[far] == int(view.image[0, 0, 0] * DIMMED)).all()
        assert (view.image == 100 + view.number).all(), 'the keyframe is left as it is'


def test_each_backbone_has_its_own_colours(drawn):
    draw_section(make_keyframe(), outputs(A=random_features(4), B=random_features(4, 5)))
    (_, one, _), (_, other, _) = drawn['panels']
    assert (one != other).any()


def test_points_that_are_alike_look_alike(drawn):
    """Two kinds of points, two colours."""
    features = np.zeros((NUM_POINTS, 4))
    features[::2, 1] = 1
    draw_section(make_keyframe(), outputs(Two=features))
    colours = drawn['panels'][0][1]
    assert len(np.unique(colours, axis=0)) == 2
    assert len(np.unique(colours[::2], axis=0)) == len(np.unique(colours[1::2], axis=0)) == 1


@pytest.mark.parametrize('num_views', [0, 1, 3, 6])
def test_the_first_views_are_shown_for_each_backbone(num_views):
    section = draw_section(
        make_keyframe(num_views), outputs(A=random_features(3), B=random_features(3))
    )
    alts = [shown.alt for shown in pictures_of(section)[2:]]
    assert alts == [
        f'CAM_{number}, paired points coloured by features of {title}'
        for title in ('A', 'B')
        for number in range(min(num_views, VIEWS))
    ]
    assert re.findall('<h3>(.*?)</h3>', html_of(section)) == [
        'In the images: A',
        'In the images: B',
    ]


def test_another_sweep_is_refused_by_its_name():
    odd = {'A': make_output(np.zeros(NUM_POINTS + 1, dtype=np.int64), random_features(3)[:1])}
    with pytest.raises(InputError, match=f'sweep.bin: {NUM_POINTS + 1} points with features, 60'):
        draw_section(make_keyframe(), odd)


@pytest.mark.parametrize('value', [np.nan, np.inf])
def test_a_diverged_network_is_refused(value):
    features = random_features(3)
    features[7, 1] = value
    with pytest.raises(InputError, match='has diverged'):
        draw_section(make_keyframe(), outputs(A=features))


def test_titles_are_text():
    html = html_of(draw_section(make_keyframe(), outputs(**{'<b>"A"': random_features(3)})))
    assert '<b>"A"' not in html and '&lt;b&gt;' in html


def test_the_section_says_what_it_shows():
    section = draw_section(make_keyframe(), outputs(A=random_features(3)))
    assert (section.name, section.title) == ('features', 'Point features as colours')
    assert f'{2 * EXTENT:g} m across' in html_of(section)
