"""A sweep from above, each point in the colour of its class."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Circle, Patch

from stslidr.errors import InputError
from stslidr.files.atomic import write_atomically

BACKGROUND, RING, TEXT = '#ffffff', '#c8c8cc', '#202024'
RING_SPACING = 20.0  # metres
INCHES, DOTS_PER_INCH = (11.5, 9.0), 110
DRAWING = (0.065, 0.06, 8.0 / 11.5, 8.0 / 9.0)  # left, bottom, width, height: a square
LEGEND = (0.765, 0.955)
POINT_AREA = 2.2  # square points of a matplotlib marker
LONGEST_TITLE = 90  # characters that fit above the drawing
PANEL_INCHES, PANEL_POINT_AREA = 6.4, 6.0


def draw_birds_eye(
    points: np.ndarray,
    classes: np.ndarray,
    names: Sequence[str],
    palette: Sequence[Sequence[int]],
    title: str = '',
    extent: float = 50.0,
) -> Figure:
    """Draw a sweep from above, with a legend of the classes that occur and rings of distance.

    Higher points cover lower ones, as seen from above. The legend counts all points of a class,
    and says how many lie outside the drawing.

    Args:
        points: (N, 3) or wider, x, y, z in metres in the LiDAR frame; x points right, y up.
        classes: integers (N,), counted from 0; points of other values are drawn grey, as ignored.
        names: K names of classes.
        palette: K colours, R, G, B from 0 to 255.
        title: stands above; of a long one, the end.
        extent: half the side of what is drawn, metres.

    Raises:
        InputError: if there is not one class for each point, or one colour for each name.
    """
    if len(points) != len(classes) or len(names) != len(palette):
        raise InputError(
            f'{len(classes)} classes for {len(points)} points, {len(palette)} colours '
            f'for {len(names)} names: one of each is needed'
        )
    colours = np.array([*palette, (128, 128, 128)], dtype=np.float64) / 255
    known = np.where((classes >= 0) & (classes < len(names)), classes, len(names))
    figure = Figure(INCHES, DOTS_PER_INCH, facecolor=BACKGROUND)
    FigureCanvasAgg(figure)  # draws without a display, and leaves pyplot's state alone
    axes = figure.add_axes(DRAWING, facecolor=BACKGROUND)
    _draw_points(axes, points, colours[known], POINT_AREA, extent)
    axes.set(xlabel='x in m', ylabel='y in m')
    axes.set_title(_shorten(title), color=TEXT, fontsize=11, parse_math=False)  # a $ is a $
    axes.tick_params(colors=TEXT)
    for part in (axes.xaxis.label, axes.yaxis.label):
        part.set_color(TEXT)
    outside = np.count_nonzero(np.abs(points[:, :2]).max(axis=1, initial=0) > extent)
    _draw_legend(figure, known, [*names, 'ignored'], colours, outside)
    return figure


def draw_panel(points: np.ndarray, colours: np.ndarray, extent: float = 50.0) -> Figure:
    """Draw a sweep from above as a bare square, with nothing but rings of distance.

    Args:
        points: (N, 3) or wider, x, y, z in metres in the LiDAR frame; x points right, y up.
        colours: uint8 (N, 3), R, G, B of each point.
        extent: half the side of what is drawn, metres.

    Raises:
        InputError: if there is not one colour for each point.
    """
    if colours.shape != (len(points), 3):
        raise InputError(
            f'colours of shape {colours.shape} for {len(points)} points: one of R, G '
            'and B for each is needed'
        )
    figure = Figure((PANEL_INCHES, PANEL_INCHES), DOTS_PER_INCH, facecolor=BACKGROUND)
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    _draw_points(axes, points, colours / 255, PANEL_POINT_AREA, extent)
    return figure


def write_birds_eye(path: str | Path, figure: Figure) -> None:
    """Write a drawing as PNG, atomically."""
    with write_atomically(path) as partial:
        figure.savefig(partial, format='png', facecolor=figure.get_facecolor())


def _draw_points(
    axes: Axes, points: np.ndarray, colours: np.ndarray, area: float, extent: float
) -> None:
    """Rings, and points over them, those above last."""
    _draw_rings(axes, extent)
    order = np.argsort(points[:, 2], kind='stable')
    axes.scatter(points[order, 0], points[order, 1], area, colours[order], linewidths=0, zorder=2)
    axes.set(xlim=(-extent, extent), ylim=(-extent, extent))


def _shorten(title: str) -> str:
    return title if len(title) <= LONGEST_TITLE else f'…{title[1 - LONGEST_TITLE :]}'


def _draw_rings(axes: Axes, extent: float) -> None:
    """Circles every 20 m around the sensor with their radius, and a cross where it stands."""
    for radius in np.arange(RING_SPACING, np.sqrt(2) * extent, RING_SPACING):
        axes.add_patch(Circle((0, 0), radius, fill=False, color=RING, linewidth=0.8, zorder=1))
        place = radius / np.sqrt(2)  # where the diagonal meets the ring
        axes.text(
            place,
            place,
            f'{radius:g} m',
            color=TEXT,
            fontsize=9,
            ha='center',
            va='center',
            zorder=4,
            clip_on=True,
            bbox={'facecolor': BACKGROUND, 'edgecolor': 'none', 'alpha': 0.8, 'pad': 1.0},
        )
    axes.plot(0, 0, '+', color=TEXT, markersize=9, zorder=3)


def _draw_legend(
    figure: Figure, classes: np.ndarray, names: Sequence[str], colours: np.ndarray, outside: int
) -> None:
    """One entry for each class that occurs, with its number of points, those not drawn too."""
    counts = np.bincount(classes, minlength=len(names))
    entries = [
        Patch(color=colours[index], label=f'{names[index]}  {count:,}')
        for index, count in enumerate(counts)
        if count
    ]
    title = f'{len(classes):,} points' + (f'\n{outside:,} of them outside' if outside else '')
    legend = figure.legend(
        handles=entries,
        title=title,
        alignment='left',
        loc='upper left',
        bbox_to_anchor=LEGEND,
        frameon=False,
        labelcolor=TEXT,
        fontsize=10,
    )
    legend.get_title().set_color(TEXT)
