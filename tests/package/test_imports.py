"""What may be imported without what, and under which name."""

import subprocess
import sys
from pathlib import Path

import pytest
from test_layout import plain_rooms

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / 'projects' / 'STSLidR' / 'stslidr'
PLAIN = tuple(room.removeprefix('stslidr.') for room in plain_rooms())
OPENMMLAB = ('mmcv', 'mmdet', 'mmdet3d', 'mmengine')


def run_python(code, **kwargs):
    return subprocess.run(
        [sys.executable, '-c', code],
        capture_output=True,
        text=True,
        timeout=300,
        env={'PATH': '/usr/bin:/bin', 'PYTHONPATH': str(ROOT), 'HOME': '/tmp'},
        **kwargs,
    )


def module_paths():
    return sorted(PACKAGE.rglob('*.py'))


BLOCKED = """
import sys
class Block:
    def find_spec(self, name, path=None, target=None):
        if name.split('.')[0] in {blocked!r}:
            raise ImportError('blocked: ' + name)
sys.meta_path.insert(0, Block())
sys.path.insert(0, {path!r})
"""


def test_the_whole_step_imports_with_openmmlab_blocked():
    plain = [
        '.'.join(('stslidr', *path.relative_to(PACKAGE).with_suffix('').parts))
        for path in module_paths()
        if path.relative_to(PACKAGE).with_suffix('').parts[0] in PLAIN
        and path.name != '__init__.py'
    ]
    assert 'stslidr.distillation.superpixel' in plain and len(plain) > 15
    code = BLOCKED.format(blocked=OPENMMLAB, path=str(PACKAGE.parent))
    code += '\n'.join(f'import {name}' for name in plain)
    done = run_python(code)
    assert done.returncode == 0, done.stderr


def test_core_and_losses_import_without_spconv():
    code = BLOCKED.format(blocked=(*OPENMMLAB, 'spconv'), path=str(PACKAGE.parent))
    code += (
        'import stslidr.core.pooling, stslidr.core.pairing, stslidr.losses.contrastive\n'
        'import stslidr.encoders.resnet, stslidr.encoders.heads\n'
    )
    done = run_python(code)
    assert done.returncode == 0, done.stderr


def test_the_package_itself_imports_nothing_heavy():
    code = (
        f'import sys; sys.path.insert(0, {str(PACKAGE.parent)!r}); before = set(sys.modules)\n'
        'import stslidr; new = set(sys.modules) - before\n'
        'print(sorted(n for n in new if n.split(".")[0] not in sys.stdlib_module_names))'
    )
    rooms = ('errors', 'matplotlib_backend', 'mmcv_operators', 'spconv_loading')
    ours = ['stslidr', *(f'stslidr.{room}' for room in rooms)]
    assert run_python(code).stdout.strip() == str(ours)


@pytest.mark.parametrize('has_init', [True, False])
def test_somebody_elses_projects_package_stands_beside_ours(tmp_path, has_init):
    theirs = tmp_path / 'projects' / 'theirs'
    theirs.mkdir(parents=True)
    (theirs / '__init__.py').touch()
    if has_init:
        (theirs.parent / '__init__.py').touch()
    code = (
        f'import sys; sys.path[:0] = [{str(ROOT)!r}, {str(PACKAGE.parent)!r}, {str(tmp_path)!r}]\n'
        'import projects.theirs, projects.STSLidR.stslidr as ours, stslidr\n'
        'print(ours is stslidr)'
    )
    done = run_python(code)
    assert done.stdout == 'True\n', done.stderr


@pytest.mark.parametrize(
    'first, second',
    [('projects.STSLidR.stslidr', 'stslidr'), ('stslidr', 'projects.STSLidR.stslidr')],
)
def test_both_names_are_the_same_modules(first, second):
    code = f"""
import sys, importlib
sys.path.insert(0, {str(PACKAGE.parent)!r})
for name in ('losses.contrastive', 'core', 'core.pairing', 'distillation.gather'):
    one = importlib.import_module({first!r} + '.' + name)
    two = importlib.import_module({second!r} + '.' + name)
    assert one is two, name
    assert one.__name__ == one.__spec__.name == 'stslidr.' + name, one.__spec__
    assert sys.modules[{first!r} + '.' + name] is sys.modules[{second!r} + '.' + name]
import {first}.core.seeding, {second}.core.geometry
from projects.STSLidR.stslidr.losses import contrastive
from stslidr.losses.contrastive import TolerantContrastiveLoss
assert isinstance(contrastive.TolerantContrastiveLoss(), TolerantContrastiveLoss)
importlib.reload(importlib.import_module('stslidr.core.seeding'))
"""
    done = run_python(code)
    assert done.returncode == 0, done.stderr


def test_a_second_copy_is_refused(tmp_path):
    (tmp_path / 'stslidr').mkdir()
    (tmp_path / 'stslidr' / '__init__.py').touch()
    code = (
        f'import sys; sys.path.insert(0, {str(tmp_path)!r}); import stslidr\n'
        'import projects.STSLidR.stslidr'
    )
    done = run_python(code)
    assert done.returncode != 0 and 'pip install -e .' in done.stderr


def test_an_unknown_submodule_is_an_ordinary_import_error():
    code = """
import importlib.util
for name in ('nope', 'core.nope'):
    name = 'projects.STSLidR.stslidr.' + name
    assert importlib.util.find_spec(name) is None, name
    try:
        importlib.import_module(name)
    except ModuleNotFoundError as error:
        assert error.name == name and str(error) == f'No module named {name!r}', error
    else:
        raise AssertionError(name)
"""
    done = run_python(code)
    assert done.returncode == 0, done.stderr


def test_the_long_names_have_ordinary_specs():
    code = """
import importlib.util
spec = importlib.util.find_spec('projects.STSLidR.stslidr.core.pairing')
assert spec.submodule_search_locations is None and spec.origin.endswith('core/pairing.py'), spec
assert spec.parent == 'projects.STSLidR.stslidr.core'
spec = importlib.util.find_spec('projects.STSLidR.stslidr.losses')
assert [path.endswith('stslidr/losses') for path in spec.submodule_search_locations] == [True]
assert spec.parent == spec.name
"""
    done = run_python(code)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    'name, said', [('core.seeding', ''), ('nope', 'No module named projects.STSLidR.stslidr.nope')]
)
def test_python_m_takes_the_long_name(name, said):
    done = subprocess.run(
        [sys.executable, '-m', f'projects.STSLidR.stslidr.{name}'],
        capture_output=True,
        text=True,
        timeout=300,
        cwd=ROOT,
    )
    assert (done.returncode == 0) == (not said)
    assert said in done.stderr and (said or not done.stderr)
