"""Superpixels and pairs: what is counted, and what is drawn where."""

import dataclasses

import numpy as np
import pytest

from stslidr.errors import InputError
from stslidr.inspection.camera_sheet import BORDER_COLOUR, FAR, distance_colours
from stslidr_studies.report import superpixel_figure
from stslidr_studies.report.superpixel_figure import POINT_WIDTH, draw_section
from support.report_parts import HEIGHT, WIDTH, html_of, make_keyframe, pictures_of


@pytest.fixture
def images(monkeypatch):
    """The images as they are drawn, before they are compressed."""
    seen = []
    photo = superpixel_figure.photograph

    def photograph(image, alt):
        seen.append(image)
        return photo(image, alt)

    monkeypatch.setattr(superpixel_figure, 'photograph', photograph)
    return seen


def with_pairs(keyframe, points, pixels):
    """The keyframe with other pairs in its only view."""
    (view,) = keyframe.views
    points = np.array(points, dtype=np.int64)
    pixels = np.array(pixels, dtype=np.int64).reshape(-1, 2)
    return dataclasses.replace(
        keyframe, views=[dataclasses.replace(view, points=points, pixels=pixels)]
    )


def test_captions_count_pairs_and_their_superpixels():
    keyframe = make_keyframe()
    shown = pictures_of(draw_section(keyframe))
    assert len(shown) == len(keyframe.views)
    for picture, view in zip(shown, keyframe.views, strict=True):
        hit = {int(view.superpixels[row, column]) for row, column in view.pixels}
        assert picture.caption == f'{view.name}: 15 paired points in {len(hit)} superpixels'
        assert picture.alt.startswith(f'{view.name} with superpixel borders and paired points')
        assert picture.pixels.shape == (HEIGHT, WIDTH, 3)


@pytest.mark.parametrize(
    'pixels, said',
    [
        ([], '0 paired points in 0 superpixels'),
        ([(0, 0)], '1 paired points in 1 superpixels'),
        ([(0, 0), (1, 1), (0, 1)], '3 paired points in 1 superpixels'),
        ([(0, 0), (HEIGHT - 1, WIDTH - 1)], '2 paired points in 2 superpixels'),
        ([(0, 0), (0, WIDTH // 2), (0, WIDTH - 1)], '3 paired points in 3 superpixels'),
    ],
)
def test_superpixels_are_counted_once(pixels, said):
    keyframe = with_pairs(make_keyframe(1), range(len(pixels)), pixels)
    assert pictures_of(draw_section(keyframe))[0].caption == f'CAM_0: {said}'


def test_many_points_are_set_in_groups():
    keyframe = make_keyframe(1)
    pixels = [(number % HEIGHT, number % WIDTH) for number in range(1234)]
    keyframe = with_pairs(keyframe, [number % 60 for number in range(1234)], pixels)
    assert 'CAM_0: 1,234 paired points' in html_of(draw_section(keyframe))


def test_points_have_the_colour_of_their_distance(images):
    keyframe = make_keyframe()
    draw_section(keyframe)
    colours = distance_colours(keyframe.points)
    for image, view in zip(images, keyframe.views, strict=True):
        drawn = {tuple(colour) for colour in colours[view.points].tolist()}
        for row, column in view.pixels:
            assert tuple(image[row, column].tolist()) in drawn
    near, far = np.array([[0.1, 0, 0]]), np.array([[FAR + 5, 0, 0]])
    red, _, blue = distance_colours(near)[0]
    assert red > blue
    red, _, blue = distance_colours(far)[0]
    assert blue > red


def test_borders_are_white_where_superpixels_meet_and_nowhere_else(images):
    draw_section(with_pairs(make_keyframe(1), [], []))
    (image,) = images
    labels = make_keyframe(1).views[0].superpixels
    white = (image == BORDER_COLOUR).all(axis=2)
    for row in range(HEIGHT):
        for column in range(WIDTH):
            around = labels[max(row - 1, 0) : row + 2, max(column - 1, 0) : column + 2]
            if white[row, column]:
                assert len(np.unique(around)) > 1
    rows = np.flatnonzero(white.all(axis=1))
    columns = np.flatnonzero(white.all(axis=0))
    assert len(rows) >= 1 and len(columns) >= 2, 'two rows and three columns of superpixels'
    assert white.any() and not white.all()


def test_a_point_hides_no_border_around_it(images):
    """At the width of the report a point is two pixels wide at most."""
    assert POINT_WIDTH * 640 <= 2
    draw_section(with_pairs(make_keyframe(1), [0], [(5, 5)]))
    draw_section(with_pairs(make_keyframe(1), [], []))
    with_point, without = images
    changed = np.argwhere((with_point != without).any(axis=2))
    assert len(changed) and np.abs(changed - 5).max() <= 1


def test_the_keyframe_is_left_as_it_is():
    keyframe = make_keyframe()
    draw_section(keyframe)
    for view, fresh in zip(keyframe.views, make_keyframe().views, strict=True):
        assert (view.image == fresh.image).all() and (view.superpixels == fresh.superpixels).all()


def test_a_keyframe_without_superpixels_is_a_fault_of_the_caller():
    with pytest.raises(ValueError, match='CAM_0 was loaded without superpixels') as error:
        draw_section(make_keyframe(superpixels=False))
    assert not isinstance(error.value, InputError)


def test_the_superpixels_of_pairs_are_looked_up_pixel_by_pixel():
    for view in make_keyframe().views:
        expected = [int(view.label_map[row, column]) for row, column in view.pixels]
        assert view.pair_superpixels.tolist() == expected


def test_the_section_says_what_it_shows():
    section = draw_section(make_keyframe())
    assert (section.name, section.title) == ('pairs', 'Superpixels and paired points')
    assert f'blue from {FAR:g} m on' in html_of(section)
