"""README and pages: short lines, links that lead somewhere, commands and files that exist."""

import re
import shlex
from pathlib import Path

import pytest
import yaml

from site_builder.links import ROOT

PAGES = [
    ROOT / 'README.md',
    ROOT / 'CONTRIBUTING.md',
    ROOT / 'CHANGELOG.md',
    ROOT / 'projects/STSLidR/README.md',
    *sorted((ROOT / 'docs').rglob('*.md')),
]
FENCED = re.compile(r'^```(\w*)\n(.*?)^```', re.MULTILINE | re.DOTALL)
LINK = re.compile(r'\]\(([^)\s]+)\)')
PATH = re.compile(
    r'(?:tests|tools|configs|studies|docs|projects|requirements|stslidr(?:_city|_studies)?)/[\w./]+'
)
FIRST_WORDS = set('python make pip git source for done pre-commit export cd'.split())
PROJECT = ROOT / 'projects/STSLidR'
OPTION_ROOMS = ('*/tools', 'stslidr/tooling', 'stslidr/dataset_records', 'stslidr/inspection')
"""Rooms with tools, and with options that they share."""
TOOL_OPTIONS = '\n'.join(
    path.read_text(encoding='utf-8')
    for room in OPTION_ROOMS
    for path in PROJECT.glob(f'{room}/*.py')
)
COMMANDS = set(re.findall(r'^ +(stslidr-[a-z-]+) = ', (ROOT / 'setup.cfg').read_text(), re.M))
TARGETS = set(re.findall(r'^([a-z-]+):', (ROOT / 'Makefile').read_text(), re.MULTILINE))

each_page = pytest.mark.parametrize('page', PAGES, ids=lambda path: str(path.relative_to(ROOT)))


def text_of(page: Path) -> str:
    return page.read_text(encoding='utf-8')


def anchors_of(page: Path) -> set[str]:
    """The anchors that GitHub gives the headings."""
    headings = re.findall(r'^#+ (.+)$', FENCED.sub('', text_of(page)), re.MULTILINE)
    plain = (re.sub(r'\[([^\]]*)\]\([^)]*\)', r'\1', heading) for heading in headings)
    return {re.sub(r'[^\w\- ]', '', heading).strip().lower().replace(' ', '-') for heading in plain}


def shell_commands(page: Path) -> list[list[str]]:
    """The commands of a page's shell blocks, words apart, lines joined, comments left out."""
    blocks = [
        code for language, code in FENCED.findall(text_of(page)) if language in ('bash', 'sh')
    ]
    lines = ''.join(blocks).replace('\\\n', ' ').splitlines()
    commands = [shlex.split(line, comments=True) for line in lines]
    return [command for command in commands if command]


def program(command: list[str]) -> list[str]:
    """The command without the variables that are set for it."""
    return next((command[i:] for i, word in enumerate(command) if '=' not in word), [])


def test_the_readme_is_one_that_is_read():
    lines = text_of(ROOT / 'README.md').splitlines()
    assert len(lines) <= 150
    assert [line for line in lines if len(line) > 120] == []


@each_page
def test_lines_but_tables_are_short(page):
    lines = text_of(page).splitlines()
    assert [line for line in lines if len(line) > 120 and not line.startswith('|')] == []


@each_page
def test_links_lead_to_files_and_headings_that_exist(page):
    for link in LINK.findall(FENCED.sub('', text_of(page))):
        if '://' in link:
            continue
        path, _, anchor = link.partition('#')
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f'{link}: no such file'
        if anchor:
            assert anchor in anchors_of(target), f'{link}: no such heading'


def test_there_are_links_and_headings_to_look_at():
    links = LINK.findall(text_of(ROOT / 'README.md'))
    assert {'docs/install.md', 'docs/images/method.png', 'CONTRIBUTING.md'} <= set(links)
    assert 'published-results' in anchors_of(ROOT / 'README.md')
    assert 'loadsweep-load' in anchors_of(ROOT / 'docs/config.md')


@each_page
def test_paths_in_code_exist(page):
    for span in re.findall(r'`([^`]+)`', FENCED.sub('', text_of(page))):
        if PATH.fullmatch(span):
            places = (ROOT / span, ROOT / 'projects/STSLidR' / span)
            assert any(place.exists() for place in places), f'{span} does not exist'


@each_page
def test_commands_exist(page):
    for command in shell_commands(page):
        words = program(command)
        if not words:
            continue
        first = words[0]
        known = FIRST_WORDS | COMMANDS
        assert first in known or (ROOT / first).is_file(), ' '.join(command)
        if first == 'make':
            targets = {word for word in words[1:] if '=' not in word}
            assert targets <= TARGETS, f'{targets - TARGETS}: no target of the Makefile'
        for word in words:
            if re.fullmatch(r'(tools|configs|studies|tests)/[\w/]+\.\w+', word):
                shown = f'`{Path(word).name}`:' in text_of(page)  # a file of the page's own
                assert shown or (ROOT / word).is_file(), word
        if first in COMMANDS or any(word.startswith('tools/') for word in words[:2]):
            for option in (word for word in words if re.fullmatch(r'--[a-z-]+', word)):
                assert f"'{option}'" in TOOL_OPTIONS, f'no tool takes {option}'


def test_there_are_commands_and_options_to_look_at():
    assert len(COMMANDS) >= 15 and 'stslidr-train' in COMMANDS
    assert TOOL_OPTIONS.count("'--") > 80


def test_the_readme_shows_commands():
    commands = [command[:2] for command in shell_commands(ROOT / 'README.md')]
    assert ['make', 'demo'] in commands and ['python', 'tools/test.py'] in commands


def test_make_targets_named_in_text_exist():
    named = {name for page in PAGES for name in re.findall(r'`make ([a-z-]+)', text_of(page))}
    assert {'demo', 'docs', 'lint', 'test-plugin'} <= named <= TARGETS


def test_configs_of_the_published_table_exist():
    table = [line for line in text_of(ROOT / 'README.md').splitlines() if '`stslidr_' in line]
    configs = re.findall(r'`(\w*slidr_\w+)`', '\n'.join(line for line in table if line[0] == '|'))
    assert len(configs) == 8
    assert all((ROOT / 'configs' / f'{name}.py').is_file() for name in configs)


def test_every_page_is_in_the_navigation():
    class Loader(yaml.SafeLoader):
        pass

    Loader.add_multi_constructor('tag:yaml.org,2002:python/', lambda *_: None)
    nav = yaml.load((ROOT / 'mkdocs.yml').read_text(), Loader)['nav']
    named = set(re.findall(r"'([\w/]+\.md)'", repr(nav)))
    pages = {str(page.relative_to(ROOT / 'docs')) for page in (ROOT / 'docs').rglob('*.md')}
    outside = {'index.md', 'contributing.md', 'changelog.md', 'security.md'}
    assert named == pages | outside


def test_the_lesson_without_mmdetection3d_runs():
    (lesson,) = (
        code
        for language, code in FENCED.findall(text_of(ROOT / 'docs/pipelines.md'))
        if language == 'python' and 'backward()' in code
    )
    names = {}
    exec(lesson, names)
    assert names['superpoints'].grad.abs().sum() > 0
