"""The picture of a sweep: each point where it is, in its class's colour, the highest on top."""

import numpy as np
import pytest
from PIL import Image

from stslidr.inspection.birds_eye import draw_birds_eye, draw_panel, write_birds_eye

NAMES, PALETTE = ('car', 'road', 'tree'), ((255, 0, 0), (0, 0, 255), (0, 160, 0))


def block(x, y, z=0.0):
    """A dense square metre of points, so that its middle is a whole pixel of colour."""
    steps = np.linspace(-0.5, 0.5, 12)
    return np.stack([a.ravel() for a in np.meshgrid(x + steps, y + steps, [z])], axis=1)


def draw(tmp_path, points, classes, **settings):
    """Draw, write, read back: pixels, and a function from metres to (row, column)."""
    figure = draw_birds_eye(points, np.array(classes), NAMES, PALETTE, **settings)
    write_birds_eye(tmp_path / 'picture.png', figure)
    pixels = np.asarray(Image.open(tmp_path / 'picture.png').convert('RGB'))
    axes = figure.axes[0]

    def place(x, y):
        column, row = axes.transData.transform((x, y))
        return len(pixels) - 1 - round(row), round(column)

    return pixels, place, figure


def test_points_are_where_they_are_in_the_colour_of_their_class(tmp_path):
    points = np.concatenate([block(20, 5), block(-30, -10)])
    pixels, place, _ = draw(tmp_path, points, [0] * 144 + [2] * 144)
    assert tuple(pixels[place(20, 5)]) == PALETTE[0]
    assert tuple(pixels[place(-30, -10)]) == PALETTE[2]
    assert tuple(pixels[place(5, 20)]) == (255, 255, 255)
    assert place(20, 5)[1] > place(-30, -10)[1], 'x points right'
    assert place(20, 5)[0] < place(-30, -10)[0], 'y points up'
    one_metre = np.subtract(place(10, 0), place(0, 10))
    assert abs(one_metre[0]) == abs(one_metre[1]), 'a metre is as long both ways'


@pytest.mark.parametrize('order', [(0, 1), (1, 0)])
def test_what_is_higher_covers_what_is_lower(tmp_path, order):
    parts = [(block(0, 10, z=2.0), 0), (block(0, 10, z=-1.0), 1)]
    points = np.concatenate([parts[i][0] for i in order])
    classes = np.repeat([parts[i][1] for i in order], 144)
    pixels, place, _ = draw(tmp_path, points, classes)
    assert tuple(pixels[place(0, 10)]) == PALETTE[0]


def test_the_legend_lists_the_classes_that_occur(tmp_path):
    *_, figure = draw(tmp_path, block(0, 5), [2] * 100 + [0] * 40 + [9] * 4, title='a sweep')
    legend = figure.legends[0]
    labels = [text.get_text() for text in legend.get_texts()]
    assert labels == ['car  40', 'tree  100', 'ignored  4']
    colours = [
        tuple(round(255 * c) for c in patch.get_facecolor()[:3]) for patch in legend.get_patches()
    ]
    assert colours == [PALETTE[0], PALETTE[2], (128, 128, 128)]
    assert figure.axes[0].get_title() == 'a sweep'


def test_the_scale_is_written_on_the_rings_and_what_lies_outside_is_counted(tmp_path):
    points = np.concatenate([block(20, 5), block(60, 0), block(0, -70)])
    *_, figure = draw(tmp_path, points, [0] * 432)
    assert [text.get_text() for text in figure.axes[0].texts] == ['20 m', '40 m', '60 m']
    assert [np.hypot(*text.get_position()) for text in figure.axes[0].texts] == pytest.approx(
        [20, 40, 60]
    )
    assert figure.legends[0].get_title().get_text() == '432 points\n288 of them outside'
    *_, figure = draw(tmp_path, block(0, 5), [0] * 144)
    assert figure.legends[0].get_title().get_text() == '144 points'


@pytest.mark.parametrize('title', ['a$b$c', r'$\nonsense$', 'x_{1}^2', 'f/' * 100 + 'last'])
def test_any_file_name_is_a_title(tmp_path, title):
    *_, figure = draw(tmp_path, block(0, 5), [0] * 144, title=title)
    shown = figure.axes[0].get_title()
    assert shown == title if len(title) <= 90 else title.endswith(shown[1:]) and len(shown) == 90
    box = figure.axes[0].title.get_window_extent()
    assert box.x0 > 0 and box.x1 < figure.bbox.x1


def test_the_extent_can_be_chosen(tmp_path):
    *_, figure = draw(tmp_path, block(0, 5), [0] * 144, extent=80.0)
    assert figure.axes[0].get_xlim() == figure.axes[0].get_ylim() == (-80, 80)


def test_each_point_needs_a_class_and_each_name_a_colour():
    with pytest.raises(ValueError, match='3 classes for 144 points'):
        draw_birds_eye(block(0, 0), np.zeros(3, int), NAMES, PALETTE)
    with pytest.raises(ValueError, match='2 colours for 3 names'):
        draw_birds_eye(block(0, 0), np.zeros(144, int), NAMES, PALETTE[:2])


def test_drawing_needs_no_display_and_leaves_no_figure_open(tmp_path):
    import sys

    before = 'matplotlib.pyplot' in sys.modules
    draw(tmp_path, block(0, 5), [0] * 144)
    if before:
        assert not sys.modules['matplotlib.pyplot'].get_fignums()
    assert ('matplotlib.pyplot' in sys.modules) == before


def test_a_panel_has_points_in_their_colours_and_no_words(tmp_path):
    points = np.concatenate([block(20, 5), block(-30, -10, z=3.0), block(-30, -10)])
    colours = np.repeat(np.array([(255, 0, 0), (0, 0, 255), (0, 160, 0)], np.uint8), 144, axis=0)
    figure = draw_panel(points, colours, extent=40.0)
    write_birds_eye(tmp_path / 'panel.png', figure)
    pixels = np.asarray(Image.open(tmp_path / 'panel.png').convert('RGB'))
    side = len(pixels)
    assert pixels.shape == (side, side, 3)

    def at(x, y):
        return tuple(pixels[round((40 - y) / 80 * side), round((x + 40) / 80 * side)])

    assert at(20, 5) == (255, 0, 0) and at(-30, -10) == (0, 0, 255), 'the higher on top'
    assert at(10, -30) == (255, 255, 255)
    assert not figure.texts and not figure.legends and figure.axes[0].get_title() == ''
    with pytest.raises(ValueError, match='one of R, G and B for each'):
        draw_panel(points, colours[:3])
