"""The report's HTML: escaped, whole in itself, with words for pictures."""

from html.parser import HTMLParser

import numpy as np
from PIL import Image

from stslidr.inspection.birds_eye import draw_panel
from stslidr_studies.report import page
from stslidr_studies.report.page import Section, TableCell
from stslidr_studies.report.pictures import Picture, drawing, photograph

TAGS_WITHOUT_END = {'meta', 'link', 'img'}


class Reader(HTMLParser):
    """Collects elements and text, and checks that tags close in order."""

    def __init__(self, html):
        super().__init__()
        self.open, self.elements, self.text = [], [], ''
        self.feed(html)
        assert not self.open

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        if tag not in TAGS_WITHOUT_END:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


def make_page():
    picture = photograph(np.zeros((4, 6, 3), np.uint8), 'a <dark> "square"')
    blocks = [
        page.paragraph('1 < 2 & "so"'),
        page.heading('<b>'),
        page.figure(picture, 'cap <i>'),
        page.grid([page.figure(picture)], 3),
        page.tiles([('<1>', '<2>')]),
        page.table(['<h>', 'n'], [['<a>', TableCell('1.5', bold=True)], ['sum', '2']], total=True),
        page.legend([('<car>', (255, 158, 0))]),
        page.commands(['a <b>', 'c']),
        page.fold('<more>', [page.paragraph('x')]),
        page.colour_scale(picture, ['0', '<1>'], '<s>'),
    ]
    return page.page('<title>', [page.paragraph('opening')], [Section('one', 'One', blocks)])


def test_all_text_is_escaped_and_tags_close():
    reader = Reader(make_page())
    for text in ('1 < 2 & "so"', '<title>', '<b>', 'cap <i>', '<a>', '<car>', 'a <b>\nc', '<s>'):
        assert text in reader.text, text
    assert not {tag for tag, _ in reader.elements} & {'b>', 'i>', 'a>', 'car'}
    pictures = [attributes for tag, attributes in reader.elements if tag == 'img']
    assert len(pictures) == 3 and all(p['alt'] == 'a <dark> "square"' for p in pictures)


def test_nothing_is_fetched():
    reader = Reader(make_page())
    for tag, attributes in reader.elements:
        assert tag not in ('script', 'iframe', 'object')
        for name in ('src', 'href'):
            if name in attributes:
                assert attributes[name].startswith(('data:', '#')), attributes
    policies = [
        attributes['content']
        for tag, attributes in reader.elements
        if attributes.get('http-equiv') == 'Content-Security-Policy'
    ]
    assert policies == ["default-src 'none'; img-src data:; style-src 'unsafe-inline'"]
    assert 'url(' not in make_page() and '@import' not in make_page()


def test_tables_scroll_in_their_own_frame_and_mark_the_best():
    html = page.table(
        ['IoU', 'a'], [['x', TableCell('1', bold=True)], ['all', TableCell('2')]], total=True
    )
    assert html.startswith('<div class="scroll"')
    assert '<td><strong>1</strong></td>' in html and '<tr class="total"><td>all</td>' in html
    assert 'class="total"' not in page.table(['a'], [['x']])


def test_each_section_can_be_reached():
    reader = Reader(make_page())
    assert ('a', {'href': '#one'}) in reader.elements
    assert ('section', {'id': 'one'}) in reader.elements


def test_pictures_keep_size_and_content(tmp_path):
    rng = np.random.default_rng(0)
    image = np.kron(rng.integers(0, 256, (4, 5, 3)), np.ones((16, 16, 1))).astype(np.uint8)
    picture = photograph(image, '')
    (tmp_path / 'picture').write_bytes(picture.data)
    read = np.asarray(Image.open(tmp_path / 'picture')).astype(int)
    assert picture.size == (80, 64) and np.abs(read - image)[4:-4:16, 4::16].mean() < 8
    assert picture.uri.startswith('data:image/jpeg;base64,/9j/')


def test_drawings_are_small_png_and_the_same_each_time():
    rng = np.random.default_rng(0)
    points, colours = rng.uniform(-30, 30, (500, 3)), rng.integers(0, 256, (500, 3), np.uint8)
    first, second = (drawing(draw_panel(points, colours), 'points') for _ in range(2))
    assert isinstance(first, Picture) and first == second
    assert first.data.startswith(b'\x89PNG') and first.size == (704, 704)
