"""mmcv with and without its compiled operators, as packages made here: none is touched."""

import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2] / 'projects' / 'STSLidR'
OPS = """
import importlib
ext = importlib.import_module('mmcv._ext')
for name in ('nms', 'points_in_boxes_all_forward'):
    assert hasattr(ext, name), f'{name} miss in module'
def nms():
    return ext.nms(1, scores=2)
"""


def run_python(tmp_path, code, *, compiled=None, mmcv=True):
    """Run code where mmcv is a package with mmcv's own check and, maybe, a compiled module."""
    if mmcv:
        (tmp_path / 'mmcv').mkdir()
        (tmp_path / 'mmcv' / '__init__.py').touch()
        (tmp_path / 'mmcv' / 'ops.py').write_text(OPS)
        if compiled is not None:
            (tmp_path / 'mmcv' / '_ext.py').write_text(compiled)
    return subprocess.run(
        [sys.executable, '-S', '-c', code],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=tmp_path,
        env={'PATH': '/usr/bin:/bin', 'PYTHONPATH': f'{tmp_path}:{PROJECT}'},
    )


def test_without_operators_the_call_says_which_and_how_to_get_it(tmp_path):
    code = (
        'import stslidr, mmcv.ops\nfrom stslidr.errors import UserError\n'
        'try:\n    mmcv.ops.nms()\nexcept UserError as error:\n    print(error)\n'
    )
    done = run_python(tmp_path, code)
    assert done.returncode == 0, done.stderr
    assert 'mmcv operator nms was called' in done.stdout
    assert 'make env MMCV=full' in done.stdout and 'docs/install.md' in done.stdout
    assert done.stdout.count('\n') == 1
    assert sorted(path.name for path in (tmp_path / 'mmcv').glob('*.py')) == [
        '__init__.py',
        'ops.py',
    ]


def test_compiled_operators_win(tmp_path):
    compiled = 'nms = lambda *a, **k: (a, k)\npoints_in_boxes_all_forward = None\n'
    code = 'import stslidr, mmcv.ops; print(mmcv.ops.nms(), mmcv.ops.ext.__file__)'
    done = run_python(tmp_path, code, compiled=compiled)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("((1,), {'scores': 2})") and '_ext.py' in done.stdout


def test_compiled_operators_that_do_not_load_keep_their_error(tmp_path):
    broken = "raise ImportError('undefined symbol: _ZN2at')"
    done = run_python(tmp_path, 'import stslidr, mmcv.ops', compiled=broken)
    assert done.returncode != 0 and 'undefined symbol: _ZN2at' in done.stderr


def test_without_mmcv_nothing_is_claimed(tmp_path):
    done = run_python(tmp_path, 'import stslidr, mmcv._ext', mmcv=False)
    assert done.returncode != 0 and "No module named 'mmcv'" in done.stderr


def test_other_modules_of_mmcv_are_not_claimed(tmp_path):
    done = run_python(tmp_path, 'import stslidr, mmcv._other')
    assert done.returncode != 0 and "No module named 'mmcv._other'" in done.stderr


def test_it_stands_in_once(tmp_path):
    code = (
        'import sys\nfrom stslidr.mmcv_operators import *\n'
        'stand_in_for_missing_operators()\n'
        'print(sum(isinstance(finder, MissingOperatorsFinder) for finder in sys.meta_path))'
    )
    assert run_python(tmp_path, code).stdout.strip() == '1'


@pytest.mark.parametrize('name', ['__path__', '__file__', '__wrapped__'])
def test_names_of_python_are_no_operators(tmp_path, name):
    code = f'import stslidr, mmcv.ops; print(hasattr(mmcv.ops.ext, {name!r}))'
    assert run_python(tmp_path, code).stdout.strip() == 'False'
