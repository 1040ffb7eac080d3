"""How the report's graphs look."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

INCHES, DOTS_PER_INCH = (5.2, 3.3), 180
COLOURS = ('#0b6e99', '#d1495b', '#3a7d44', '#8a5a9e', '#c77f17')
NEUTRAL = '#555b6e'
GRID = '#e3e5ea'


def new_axes(size: tuple[float, float] = INCHES) -> tuple[Figure, Axes]:
    """An empty graph of a width and height in inches."""
    figure = Figure(size, DOTS_PER_INCH, facecolor='white', layout='constrained')
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.grid(color=GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[['top', 'right']].set_visible(False)
    return figure, axes


def colour(number: int) -> str:
    """Colour of the `number`-th curve of a graph."""
    return COLOURS[number % len(COLOURS)]
