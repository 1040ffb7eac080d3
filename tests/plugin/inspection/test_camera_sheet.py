"""Camera images with borders and points drawn in, against loops over pixels."""

import math

import numpy as np
import pytest

from stslidr.errors import InputError
from stslidr.inspection.camera_sheet import (
    AROUND,
    BORDER_COLOUR,
    DIMMED,
    FAR,
    clockwise,
    columns_of,
    distance_colours,
    draw_borders,
    draw_points,
    tile,
)


@pytest.fixture
def image():
    return np.random.default_rng(1).integers(0, 256, (9, 14, 3), dtype=np.uint8)


@pytest.mark.parametrize(
    ('names', 'shown'),
    [
        (AROUND, list(AROUND)),
        (AROUND[::-1], list(AROUND)),
        (('LEFT', 'CAM_BACK', 'A', 'CAM_FRONT'), ['CAM_FRONT', 'CAM_BACK', 'LEFT', 'A']),
        (('b', 'a'), ['b', 'a']),
        ((), []),
    ],
)
def test_cameras_are_shown_clockwise_and_others_in_their_order(names, shown):
    assert [names[index] for index in clockwise(names)] == shown


def test_colours_of_distances_against_a_loop():
    points = np.random.default_rng(2).uniform(-50, 50, (60, 5))
    colours = distance_colours(points)
    assert colours.dtype == np.uint8 and colours.shape == (60, 3)
    for point, colour in zip(points, colours, strict=True):
        share = min(math.hypot(*point[:3]) / FAR, 1)
        expected = [
            (1 - share) * near + share * far
            for near, far in zip((255, 80, 40), (40, 120, 255), strict=True)
        ]
        assert all(0 <= e - c < 1 + 1e-9 for e, c in zip(expected, colour.tolist(), strict=True))


def test_the_ends_of_the_colours():
    points = np.array([[0, 0, 0], [FAR, 0, 0], [0, -300, 0]])
    assert distance_colours(points).tolist() == [[255, 80, 40], [40, 120, 255], [40, 120, 255]]
    assert distance_colours(np.empty((0, 4))).shape == (0, 3)


def test_borders_are_drawn_where_a_neighbour_before_differs(image):
    superpixels = np.random.default_rng(3).integers(0, 3, image.shape[:2])
    before = image.copy()
    drawn = draw_borders(image, superpixels)
    for row in range(9):
        for column in range(14):
            own = superpixels[row, column]
            left = column > 0 and superpixels[row, column - 1] != own
            above = row > 0 and superpixels[row - 1, column] != own
            expected = [int(value * DIMMED) for value in image[row, column]]
            shown = list(BORDER_COLOUR) if left or above else expected
            assert drawn[row, column].tolist() == shown
    assert (image == before).all() and drawn.dtype == np.uint8


def test_one_superpixel_has_no_border(image):
    drawn = draw_borders(image, np.zeros(image.shape[:2], int))
    assert not (drawn == 255).all(axis=2).any()


def test_a_map_of_another_size_is_refused(image):
    with pytest.raises(InputError, match=r'superpixels \(14, 9\) for an image \(9, 14\)'):
        draw_borders(image, np.zeros((14, 9), int))


@pytest.mark.parametrize('reach', [0, 1, 2])
def test_squares_against_a_loop_and_the_last_on_top(reach):
    rng = np.random.default_rng(4)
    image = rng.integers(0, 256, (12, 20, 3), dtype=np.uint8)
    pixels = np.array([[1, 2], [6, 10], [6, 12], [0, 19], [11, 0]])
    colours = np.array([[n, n, 255 - n] for n in range(10, 60, 10)], np.uint8)
    drawn = draw_points(image, pixels, colours, width=2 * reach / 20)
    expected = image.copy()
    for (row, column), colour in zip(pixels.tolist(), colours, strict=True):
        for r in range(row - reach, row + reach + 1):
            for c in range(column - reach, column + reach + 1):
                if 0 <= r < 12 and 0 <= c < 20:
                    expected[r, c] = colour
    assert (drawn == expected).all()


def test_two_points_of_one_pixel_show_the_later(image):
    colours = np.array([[1, 1, 1], [2, 2, 2]], np.uint8)
    drawn = draw_points(image, np.array([[3, 4], [3, 4]]), colours)
    assert drawn[3, 4].tolist() == [2, 2, 2]


def test_no_point_changes_nothing(image):
    drawn = draw_points(image, np.empty((0, 2), int), np.empty((0, 3), np.uint8))
    assert (drawn == image).all() and drawn is not image


@pytest.mark.parametrize(('count', 'columns', 'rows'), [(1, 1, 1), (3, 3, 1), (4, 3, 2), (5, 2, 3)])
def test_tiles_stand_in_rows_and_what_is_missing_is_black(count, columns, rows):
    colours = [(40 * n + 20, 255 - 40 * n, 7) for n in range(count)]
    images = [np.full((30 + 10 * n, 60, 3), colour, np.uint8) for n, colour in enumerate(colours)]
    sheet = tile(images, columns, width=121)
    width = 121 // columns
    height = round(width / 2)
    assert sheet.shape == (rows * height, columns * width, 3) and sheet.dtype == np.uint8
    for place in range(rows * columns):
        row, column = divmod(place, columns)
        part = sheet[row * height : (row + 1) * height, column * width : (column + 1) * width]
        assert (part == (colours[place] if place < count else (0, 0, 0))).all()


def test_a_tile_keeps_what_is_left_and_above():
    image = np.zeros((40, 80, 3), np.uint8)
    image[:20, :40] = 255
    sheet = tile([image], 1, 40)
    assert sheet.shape == (20, 40, 3)
    assert (sheet[2:8, 2:18] > 250).all() and (sheet[12:, 22:] < 5).all()


@pytest.mark.parametrize(
    'number, columns', [(1, 1), (2, 2), (3, 3), (4, 2), (5, 3), (6, 3), (9, 3)]
)
def test_few_images_fill_the_sheet(number, columns):
    assert columns_of(number) == columns


def test_many_points_are_drawn_smaller():
    image = np.zeros((300, 400, 3), np.uint8)
    rng = np.random.default_rng(0)
    shares = []
    for count in (10, 2_000, 100_000):
        pixels = rng.integers(0, (300, 400), (count, 2))
        drawn = draw_points(image, pixels, np.full((count, 3), 255, np.uint8))
        shares.append((drawn > 0).any(axis=2).mean())
    assert shares[0] == pytest.approx(10 * 9 / 120_000, rel=0.2)  # squares of 3 pixels
    assert shares[1] < 0.3 and shares[2] < 0.7
