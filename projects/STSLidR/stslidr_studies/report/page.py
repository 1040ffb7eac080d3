"""The report's HTML: blocks to build it from, and the page around them.

Whatever is given as text is escaped here; what is called ``html`` comes from these functions.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from stslidr_studies.report.pictures import Picture
from stslidr_studies.report.stylesheet import STYLESHEET

NO_REQUESTS = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
"""The content security policy: a browser refuses whatever is not in the file itself."""


@dataclass(frozen=True)
class Section:
    """A headed part of the page.

    Args:
        name: its anchor.
        title: its heading.
        blocks: HTML.
    """

    name: str
    title: str
    blocks: Sequence[str]


@dataclass(frozen=True)
class TableCell:
    """A cell of a table.

    Args:
        text: its content.
        bold: whether it stands out.
    """

    text: str
    bold: bool = False


def paragraph(text: str, soft: bool = False) -> str:
    """A paragraph; ``soft`` for what is said aside."""
    return f'<p{" class=soft" if soft else ""}>{escape(text)}</p>'


def heading(text: str) -> str:
    """A heading inside a section."""
    return f'<h3>{escape(text)}</h3>'


def figure(picture: Picture, caption: str = '') -> str:
    """A picture with its caption, as wide as there is room."""
    width, height = picture.size
    words = f'<figcaption>{escape(caption)}</figcaption>' if caption else ''
    return (
        f'<figure><img src="{picture.uri}" alt="{escape(picture.alt)}" width="{width}" '
        f'height="{height}">{words}</figure>'
    )


def grid(blocks: Iterable[str], columns: int) -> str:
    """Blocks side by side, 2 or 3 in a row; below each other on a phone."""
    name = {1: 'one', 2: 'two', 3: 'three'}[columns]
    return f'<div class="grid {name}">{"".join(blocks)}</div>'


def tiles(numbers: Iterable[tuple[str, str]]) -> str:
    """Headline numbers: each a value and the words below it."""
    boxes = (
        f'<div class="tile"><b>{escape(value)}</b><span>{escape(words)}</span></div>'
        for value, words in numbers
    )
    return f'<div class="tiles">{"".join(boxes)}</div>'


def table(
    header: Sequence[str],
    rows: Iterable[Sequence[TableCell | str]],
    total: bool = False,
    text: bool = False,
) -> str:
    """A table that scrolls sideways in its own frame where the page is narrow.

    Args:
        header: title of each column.
        rows: cells.
        total: set the last row off, as a sum.
        text: align all columns left; numbers are aligned right.
    """
    rows = list(rows)
    head = ''.join(f'<th scope="col">{escape(title)}</th>' for title in header)
    body = []
    for number, row in enumerate(rows):
        kind = ' class="total"' if total and number == len(rows) - 1 else ''
        body.append(f'<tr{kind}>{"".join(map(_cell, row))}</tr>')
    style = ' class="text"' if text else ''
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="table"><table{style}>'
        f'<thead><tr>{head}</tr></thead><tbody>{"".join(body)}</tbody></table></div>'
    )


def _cell(cell: TableCell | str) -> str:
    if isinstance(cell, str):
        return f'<td>{escape(cell)}</td>'
    content = escape(cell.text)
    return f'<td><strong>{content}</strong></td>' if cell.bold else f'<td>{content}</td>'


def legend(entries: Iterable[tuple[str, Sequence[int]]]) -> str:
    """Names, each with a swatch of its colour, R, G, B from 0 to 255."""
    items = (
        f'<li><i style="background:rgb({red},{green},{blue})"></i>{escape(name)}</li>'
        for name, (red, green, blue) in entries
    )
    return f'<ul class="legend">{"".join(items)}</ul>'


def colour_scale(bar: Picture, ticks: Sequence[str], words: str) -> str:
    """A colour bar with what its ends, and points between, stand for."""
    labels = ''.join(f'<span>{escape(tick)}</span>' for tick in ticks)
    return (
        f'<div class="scale"><p class=soft>{escape(words)}</p>'
        f'<img src="{bar.uri}" alt="{escape(bar.alt)}"><div>{labels}</div></div>'
    )


def commands(lines: Iterable[str]) -> str:
    """Lines to type."""
    return f'<pre><code>{escape(chr(10).join(lines))}</code></pre>'


def fold(title: str, blocks: Iterable[str]) -> str:
    """Blocks that open at a click."""
    return f'<details><summary>{escape(title)}</summary>{"".join(blocks)}</details>'


def page(title: str, opening: Iterable[str], sections: Sequence[Section]) -> str:
    """The whole document.

    Args:
        title: of the page.
        opening: HTML between the title and the table of contents.
        sections: in order.
    """
    contents = ''.join(
        f'<a href="#{section.name}">{escape(section.title)}</a>' for section in sections
    )
    body = ''.join(
        f'<section id="{section.name}"><h2>{escape(section.title)}</h2>'
        f'{"".join(section.blocks)}</section>\n'
        for section in sections
    )
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{NO_REQUESTS}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<link rel="icon" href="data:,">\n<title>{escape(title)}</title>\n'
        f'<style>{STYLESHEET}</style></head>\n<body><main><header><h1>{escape(title)}</h1>'
        f'{"".join(opening)}<nav aria-label="contents">{contents}</nav></header>\n'
        f'{body}</main></body></html>\n'
    )
