"""What `make docs` does beside mkdocs: docstrings, links out of docs, reference pages."""

import re

import pytest

from site_builder.docstrings import undocumented_names
from site_builder.links import ROOT, linked_sources, retarget
from site_builder.reference import PACKAGES, PROJECT, reference_nav, reference_pages

MODULE = '''"""A module."""

def public():
    def inner(): ...

def _private(): ...

class Thing:
    """Documented."""
    def __init__(self): ...
    def method(self): ...
    @property
    def value(self):
        """Documented."""
    @value.setter
    def value(self, new): ...
    def _hidden(self): ...
'''


@pytest.mark.parametrize('package', PACKAGES)
def test_every_public_name_of_ours_has_a_docstring(package):
    assert undocumented_names(PROJECT / package) == []


def test_undocumented_names_are_found(tmp_path):
    (tmp_path / '__init__.py').write_text('"""A package."""')
    (tmp_path / 'module.py').write_text(MODULE)
    (tmp_path / 'silent.py').write_text('x = 1')
    (tmp_path / '_private.py').write_text('def f(): ...')
    found = [line.removeprefix(f'{tmp_path}/') for line in undocumented_names(tmp_path)]
    assert found == ['module.py:3 public', 'module.py:11 Thing.method', 'silent.py:1 silent']


@pytest.mark.parametrize(
    'page, link, there',
    [
        ('index.md', 'docs/study.md#intervals', 'study.md#intervals'),
        ('index.md', 'LICENSE', 'files/LICENSE.txt'),
        ('index.md', 'docs/images/method.png', 'images/method.png'),
        ('study.md', '../README.md#citation', 'index.md#citation'),
        ('study.md', '../studies/demo.yaml', 'files/studies/demo.yaml.txt'),
        ('results/synthetic.md', '../study.md', '../study.md'),
        ('study.md', '#intervals', '#intervals'),
        ('study.md', 'https://pytorch.org/a', 'https://pytorch.org/a'),
        ('study.md', '../studies/none.yaml', '../studies/none.yaml'),
    ],
)
def test_links_lead_to_the_same_file_on_the_site(page, link, there):
    assert retarget(f'see [`it`]({link}), then', page) == f'see [`it`]({there}), then'


def test_folders_and_code_are_no_links():
    text = '[here](../configs) and\n```python\nrows[0](../README.md)\n```\n'
    assert retarget(text, 'study.md') == 'here and\n```python\nrows[0](../README.md)\n```\n'


def test_only_source_files_are_copied():
    text = '[a](../configs/slidr_dino.py) [b](demo.md) [c](../README.md) [d](../configs)'
    assert list(linked_sources(text, 'study.md')) == ['configs/slidr_dino.py']


def test_each_public_module_has_one_place_in_the_reference():
    blocks = re.findall(r'^::: (\S+)$', '\n'.join(reference_pages().values()), re.MULTILINE)
    modules = [
        '.'.join(path.relative_to(PROJECT).with_suffix('').parts)
        for package in PACKAGES
        for path in (PROJECT / package).rglob('*.py')
    ]
    assert sorted(blocks) == sorted(name.removesuffix('.__init__') for name in modules)


def test_the_navigation_lists_each_reference_page():
    listed = [
        page
        for part in reference_nav()
        for rooms in part.values()
        for room in rooms
        for page in room.values()
    ]
    assert sorted(listed) == sorted(reference_pages())


def test_versions_of_the_small_environments_are_those_of_the_lock():
    pinned = {}
    for name in ('lock', 'lint', 'docs'):
        lines = (ROOT / f'requirements/{name}.txt').read_text().splitlines()
        pinned[name] = dict(line.split('==') for line in lines if '==' in line)
    for name in ('lint', 'docs'):
        for package in ('ruff', 'numpy'):
            assert pinned[name].get(package, pinned['lock'][package]) == pinned['lock'][package]
    hooks = (ROOT / '.pre-commit-config.yaml').read_text()
    assert set(re.findall(r'ruff==([\d.]+)', hooks)) == {pinned['lock']['ruff']}
