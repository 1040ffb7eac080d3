"""The stylesheet against the page's blocks: every class has its rules, and text can be read."""

import inspect
import re

import pytest

from stslidr_studies.report import page
from stslidr_studies.report.page import Section, TableCell
from stslidr_studies.report.stylesheet import STYLESHEET
from support.report_parts import blank_drawing

PICTURE = blank_drawing(None, 'alt')
BLOCKS = [
    page.paragraph('text', soft=True),
    page.tiles([('1', 'words')]),
    page.grid([page.figure(PICTURE, 'caption')], 2),
    page.grid([page.figure(PICTURE)], 3),
    page.table(['a', 'b'], [['x', TableCell('1')]], total=True, text=True),
    page.legend([('car', (1, 2, 3))]),
    page.colour_scale(PICTURE, ['0', '1'], 'words'),
    page.commands(['a']),
    page.fold('more', [page.heading('h')]),
]
HTML = page.page('title', ['opening'], [Section('one', 'One', BLOCKS)])


def selectors():
    """All selectors, without the content of their rules and without media queries."""
    plain = re.sub(r'@media[^{]*\{', '', STYLESHEET)
    return [
        selector.strip()
        for group in re.findall(r'([^{}]+)\{[^{}]*\}', plain)
        for selector in group.split(',')
    ]


def colours(scheme):
    """The variables of a colour scheme, as R, G, B from 0 to 1."""
    dark = STYLESHEET.index('prefers-color-scheme: dark')
    text = STYLESHEET[:dark] if scheme == 'light' else STYLESHEET[dark:]
    found = {}
    for name, digits in re.findall(r'--(\w+): #([0-9a-f]{3,6});', text):
        digits = digits if len(digits) == 6 else ''.join(2 * digit for digit in digits)
        found.setdefault(name, tuple(int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)))
    return found


def luminance(colour):
    """Relative luminance, as WCAG 2 defines it."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_braces_are_balanced_and_every_declaration_ends():
    depth = 0
    for character in STYLESHEET:
        depth += {'{': 1, '}': -1}.get(character, 0)
        assert 0 <= depth <= 2
    assert depth == 0
    for content in re.findall(r'\{([^{}]*)\}', STYLESHEET):
        for declaration in filter(None, map(str.strip, content.split(';'))):
            assert re.fullmatch(r'[-\w]+:\s*[^:;]+', declaration), declaration


def test_every_class_of_a_block_has_a_rule():
    used = set(re.findall(r'class="?([\w ]+?)"?[ >]', HTML.split('<body>')[1]))
    names = {name for group in used for name in group.split()}
    assert {'soft', 'tiles', 'tile', 'grid', 'scroll', 'legend', 'scale', 'total'} <= names
    styled = {name for selector in selectors() for name in re.findall(r'\.(\w+)', selector)}
    assert names <= styled | {'one'}, 'a grid of one column needs none'


def test_every_class_with_a_rule_is_used():
    styled = {name for selector in selectors() for name in re.findall(r'\.([a-z]\w*)', selector)}
    source = inspect.getsource(page)
    assert styled and all(re.search(rf'\b{name}\b', source) for name in styled)


def test_every_element_with_a_rule_is_used():
    elements = {
        name
        for selector in selectors()
        for name in re.findall(r'(?<![\w.#:-])([a-z][a-z0-9]*)\b', selector)
    } - {'root', 'child', 'first', 'not'}
    assert {'figure', 'table', 'summary', 'pre'} <= elements
    for name in elements:
        assert f'<{name}' in HTML, name


@pytest.mark.parametrize('scheme', ['light', 'dark'])
@pytest.mark.parametrize('ground', ['ground', 'panel'])
def test_text_can_be_read_in_both_schemes(scheme, ground):
    """4.5 to 1 is what WCAG 2 asks of text."""
    found = colours(scheme)
    for name in ('text', 'soft', 'accent'):
        assert contrast(found[name], found[ground]) >= 4.5, (scheme, name)


def test_contrast_is_that_of_the_standard():
    black, white = (0.0, 0.0, 0.0), (1.0, 1.0, 1.0)
    assert contrast(black, white) == pytest.approx(21) and contrast(white, white) == 1


def test_both_schemes_set_the_same_variables():
    assert colours('light').keys() == colours('dark').keys()
    used = set(re.findall(r'var\(--(\w+)\)', STYLESHEET))
    assert used == set(colours('light'))


def test_nothing_is_fetched():
    assert 'url(' not in STYLESHEET and '@import' not in STYLESHEET and '@font' not in STYLESHEET
    assert '</' not in STYLESHEET, 'it would end the style element'
    assert STYLESHEET in HTML
