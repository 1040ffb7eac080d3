"""The built wheel holds every module and every file that a module reads."""

import importlib.util
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROJECT = Path('projects', 'STSLidR')
PACKAGES = ('stslidr', 'stslidr_city', 'stslidr_studies')
NOT_SHIPPED = shutil.ignore_patterns('__pycache__', '*.egg-info')


@pytest.fixture(scope='module')
def wheel(tmp_path_factory):
    """Built from a copy, since building leaves folders beside the sources."""
    if importlib.util.find_spec('setuptools') is None:
        pytest.skip('setuptools is not installed: the wheel was NOT built')
    copy = tmp_path_factory.mktemp('copy')
    for name in ('setup.cfg', 'pyproject.toml', 'README.md', 'LICENSE'):
        shutil.copy(ROOT / name, copy)
    for name in PACKAGES:
        shutil.copytree(ROOT / PROJECT / name, copy / PROJECT / name, ignore=NOT_SHIPPED)
    command = [sys.executable, '-m', 'pip', 'wheel', '--no-deps', '--no-build-isolation', '-q']
    done = subprocess.run([*command, '-w', copy / 'dist', copy], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    (path,) = (copy / 'dist').glob('*.whl')
    return path


def test_it_holds_what_the_packages_hold(wheel):
    held = {name for name in zipfile.ZipFile(wheel).namelist() if name.split('/')[0] in PACKAGES}
    sources = {
        path.relative_to(ROOT / PROJECT).as_posix()
        for package in PACKAGES
        for path in (ROOT / PROJECT / package).rglob('*')
        if path.is_file() and '__pycache__' not in path.parts
    }
    assert held == sources
    assert 'stslidr/encoders/small_resnet.pth' in held


def test_its_modules_are_imported_from_it_alone(wheel, tmp_path):
    zipfile.ZipFile(wheel).extractall(tmp_path)
    code = (
        'import stslidr.core.pooling, stslidr_city.solids.solids, stslidr_studies.study.cells\n'
        'from stslidr.encoders.image_encoder import FrozenSmallResNet\n'
        "FrozenSmallResNet('synthetic')\n"
        'print(stslidr.__file__)\n'
    )
    done = subprocess.run(
        [sys.executable, '-c', code],
        cwd=tmp_path,
        env={'PATH': '/usr/bin:/bin', 'PYTHONPATH': str(tmp_path), 'HOME': str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(str(tmp_path))
