"""A sweep from above, each point in the colour of its class."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Circle, Patch

from stslidr.files.atomic import write_atomically

BACKGROUND, RING, TEXT = '#ffffff', '#c8c8cc', '#202024'
RING_SPACING = 20.0  # metres
INCHES, DOTS_PER_INCH = (11.5, 9.0), 110
DRAWING = (0.065, 0.06, 8.0 / 11.5, 8.0 / 9.0)  # left, bottom, width, height: a square
LEGEND = (0.765, 0.955)
POINT_AREA = 2.2  # square points of a matplotlib marker


def draw_birds_eye(
    points: np.ndarray,
    classes: np.ndarray,
    names: Sequence[str],
    palette: Sequence[Sequence[int]],
    title: str = '',
    extent: float = 50.0,
) -> Figure:
    """Draw a sweep from above, with a legend of the classes that occur and rings of distance.

    Higher points cover lower ones, as seen from above.

    Args:
        points: (N, 3) or wider, x, y, z in metres in the LiDAR frame; x points right, y up.
        classes: integers (N,), counted from 0; points of other values are drawn grey, as ignored.
        names: K names of classes.
        palette: K colours, R, G, B from 0 to 255.
        title: stands above.
        extent: half the side of what is drawn, metres.

    Raises:
        ValueError: if there is not one class for each point, or one colour for each name.
    """
    if len(points) != len(classes) or len(names) != len(palette):
        raise ValueError(f'{len(classes)} classes for {len(points)} points, {len(palette)} colours '
                         f'for {len(names)} names: one of each is needed')
    colours = np.array([*palette, (128, 128, 128)], dtype=np.float64) / 255
    known = np.where((classes >= 0) & (classes < len(names)), classes, len(names))
    order = np.argsort(points[:, 2], kind='stable')
    figure = Figure(INCHES, DOTS_PER_INCH, facecolor=BACKGROUND)
    FigureCanvasAgg(figure)  # draws without a display, and leaves pyplot's state alone
    axes = figure.add_axes(DRAWING, facecolor=BACKGROUND)
    _draw_rings(axes, extent)
    axes.scatter(points[order, 0], points[order, 1], POINT_AREA, colours[known[order]],
                 linewidths=0, zorder=2)
    axes.set(xlim=(-extent, extent), ylim=(-extent, extent), xlabel='x in m', ylabel='y in m')
    axes.set_title(title, color=TEXT, fontsize=11)
    axes.tick_params(colors=TEXT)
    for part in (axes.xaxis.label, axes.yaxis.label):
        part.set_color(TEXT)
    _draw_legend(figure, known, [*names, 'ignored'], colours)
    return figure


def write_birds_eye(path: str | Path, figure: Figure) -> None:
    """Write a drawing as PNG, atomically."""
    with write_atomically(path) as partial:
        figure.savefig(partial, format='png', facecolor=figure.get_facecolor())


def _draw_rings(axes: Axes, extent: float) -> None:
    """Circles every 20 m around the sensor, and a cross where it stands."""
    for radius in np.arange(RING_SPACING, np.sqrt(2) * extent, RING_SPACING):
        axes.add_patch(Circle((0, 0), radius, fill=False, color=RING, linewidth=0.8, zorder=1))
    axes.plot(0, 0, '+', color=TEXT, markersize=9, zorder=3)


def _draw_legend(
    figure: Figure, classes: np.ndarray, names: Sequence[str], colours: np.ndarray
) -> None:
    """One entry for each class that occurs, with its number of points, those not drawn too."""
    counts = np.bincount(classes, minlength=len(names))
    entries = [Patch(color=colours[index], label=f'{names[index]}  {count:,}')
               for index, count in enumerate(counts) if count]
    legend = figure.legend(handles=entries, title=f'{len(classes):,} points', alignment='left',
                           loc='upper left', bbox_to_anchor=LEGEND, frameon=False,
                           labelcolor=TEXT, fontsize=10)
    legend.get_title().set_color(TEXT)
