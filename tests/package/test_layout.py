"""docs/layout.md is the table of what each room may import: held against every import."""

import ast
import re
from collections import defaultdict
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROJECT = ROOT / 'projects' / 'STSLidR'
PACKAGES = ('stslidr', 'stslidr_city', 'stslidr_studies')
CITY_MAY = {'stslidr.core', 'stslidr.errors', 'stslidr.files', 'stslidr.tooling'}
ROW = re.compile(r'\| `(\w+)` \| (.+) \| (.*)\|')
OPENMMLAB = ('mmcv', 'mmdet', 'mmdet3d', 'mmengine')


def read_table(page):
    """Room -> the rooms that its row names, all with their package."""
    table, package = {}, None
    for line in page.splitlines():
        if heading := re.match(r'## (\w+)?', line):
            package = heading[1] if heading[1] in PACKAGES else None
        row = ROW.fullmatch(line.strip())
        if row and package:
            names = re.findall(r'`([\w.]+)`', row[3])
            table[f'{package}.{row[1]}'] = {
                name if name.split('.')[0] in PACKAGES else f'{package}.{name}' for name in names
            }
    return table


def imports_of(path):
    """Full names of the modules, or of the names in packages, that a file imports."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f'{path}: relative import'
            is_package = (PROJECT / node.module.replace('.', '/')).is_dir()
            yield from (
                f'{node.module}.{alias.name}' if is_package else node.module for alias in node.names
            )


def room_of(name):
    """The room of a module, None of those that are not ours."""
    parts = name.split('.')
    return '.'.join(parts[:2]) if parts[0] in PACKAGES else None


def modules(*packages):
    for package in packages:
        for path in sorted((PROJECT / package).rglob('*.py')):
            parts = path.relative_to(PROJECT).with_suffix('').parts
            yield path, '.'.join(parts[:-1] if parts[-1] == '__init__' else parts)


def arrows(files):
    """Room -> the other rooms that its modules import."""
    found = defaultdict(set)
    for path, name in files:
        room = room_of(name)
        found[room].update(
            other for used in imports_of(path) if (other := room_of(used)) not in (None, room)
        )
    return {room: others for room, others in found.items() if room not in PACKAGES}


TABLE = read_table((ROOT / 'docs' / 'layout.md').read_text())
ARROWS = arrows(modules(*PACKAGES))


def test_every_room_has_a_row_and_every_row_a_room():
    assert TABLE.keys() == ARROWS.keys()


@pytest.mark.parametrize('room', sorted(ARROWS))
def test_a_room_imports_what_its_row_says(room):
    assert ARROWS[room] - TABLE[room] == set(), 'not in the table'
    assert TABLE[room] - ARROWS[room] == set(), 'in the table, but nothing imports it'


def test_there_are_no_circles():
    assert list(TopologicalSorter(TABLE).static_order())


def test_the_packages_import_one_way():
    for room, others in TABLE.items():
        package = room.split('.')[0]
        outside = {other for other in others if other.split('.')[0] != package}
        if package == 'stslidr':
            assert not outside, room
        elif package == 'stslidr_city':
            assert outside <= CITY_MAY, room
        else:
            assert all(other.split('.')[0] == 'stslidr' for other in outside), room


def test_a_planted_import_fails(tmp_path):
    planted = tmp_path / 'planted.py'
    planted.write_text('from stslidr_city.solids.solids import Solid\n')
    found = arrows([*modules('stslidr'), (planted, 'stslidr.datasets.planted')])
    assert found['stslidr.datasets'] - TABLE['stslidr.datasets'] == {'stslidr_city.solids'}


def test_nothing_imports_the_tools():
    for path, name in modules(*PACKAGES):
        assert not any(used.split('.')[0] == 'tools' for used in imports_of(path)), name


def test_packages_import_nothing_themselves():
    """The plugin alone must do three things before MMDetection3D is imported."""
    for path, name in modules(*PACKAGES):
        if path.name == '__init__.py':
            rooms = ('matplotlib_backend', 'mmcv_operators', 'spconv_loading')
            hooks = [f'stslidr.{room}' for room in rooms]
            allowed = hooks if name == 'stslidr' else []
            assert list(imports_of(path)) == allowed, name


def plain_rooms():
    """The rooms that the page says import without OpenMMLab."""
    page = (ROOT / 'docs' / 'layout.md').read_text()
    sentence = page.partition('import without mmcv')[0].split('\n\n')[-1]
    return [f'stslidr.{name}' for name in re.findall(r'`(\w+)`', sentence)]


def test_openmmlab_and_spconv_stay_in_their_rooms():
    plain = plain_rooms()
    assert len(plain) >= 8 and set(plain) < TABLE.keys()
    for path, name in modules(*PACKAGES):
        tops = {used.split('.')[0] for used in imports_of(path)}
        if room_of(name) in plain:
            assert not tops & set(OPENMMLAB), name
        if 'spconv' in tops:
            assert name in ('stslidr.encoders.sparse', 'stslidr.encoders.res16unet'), name


def test_no_module_and_no_public_class_has_anothers_name():
    """One word, one thing: a name in a message or a traceback names one place."""
    names, classes = defaultdict(list), defaultdict(list)
    for path, name in modules(*PACKAGES):
        if path.name != '__init__.py':
            names[path.stem].append(name)
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith('_'):
                classes[node.name].append(name)
    assert {stem: places for stem, places in names.items() if len(places) > 1} == {}
    assert {stem: places for stem, places in classes.items() if len(places) > 1} == {}
