"""The built wheel: every module, every file that one reads, configs, and commands that run."""

import importlib.util
import re
import shutil
import site
import subprocess
import sys
import zipfile
from configparser import ConfigParser
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROJECT = Path('projects', 'STSLidR')
PACKAGES = ('stslidr', 'stslidr_city', 'stslidr_studies')
SHIPPED = ('configs', 'studies', 'tools')
FOR_CHECKOUTS = ('tools/describe_code.py', 'tools/setup_env.sh')
NOT_SHIPPED = shutil.ignore_patterns('__pycache__', '*.egg-info')
BUILD = """
import sys
from setuptools import build_meta
print(build_meta.build_sdist(sys.argv[1]))
"""


@pytest.fixture(scope='module')
def copy(tmp_path_factory):
    """A copy of what is built, since building leaves folders beside the sources."""
    if importlib.util.find_spec('setuptools') is None:
        pytest.skip('setuptools is not installed: the wheel was NOT built')
    copy = tmp_path_factory.mktemp('copy')
    for name in ('setup.py', 'setup.cfg', 'MANIFEST.in', 'pyproject.toml', 'README.md', 'LICENSE'):
        shutil.copy(ROOT / name, copy)
    for name in (*(PROJECT / package for package in PACKAGES), *SHIPPED):
        shutil.copytree(ROOT / name, copy / name, ignore=NOT_SHIPPED)
    return copy


def build_wheel(source, out):
    command = [sys.executable, '-m', 'pip', 'wheel', '--no-deps', '--no-build-isolation', '-q']
    done = subprocess.run([*command, '-w', out, source], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    (path,) = out.glob('*.whl')
    return path


@pytest.fixture(scope='module')
def wheel(copy):
    return build_wheel(copy, copy / 'dist')


def files_under(folder):
    return {
        path.relative_to(folder).as_posix()
        for path in folder.rglob('*')
        if path.is_file() and '__pycache__' not in path.parts
    }


def test_it_holds_what_the_packages_hold_and_what_is_shipped(wheel):
    held = {name for name in zipfile.ZipFile(wheel).namelist() if '.dist-info/' not in name}
    sources = {
        f'{package}/{name}'
        for package in PACKAGES
        for name in files_under(ROOT / PROJECT / package)
    }
    shipped = {f'{kind}/{name}' for kind in SHIPPED for name in files_under(ROOT / kind)}
    assert held == sources | {f'stslidr/.mim/{name}' for name in shipped - set(FOR_CHECKOUTS)}
    assert 'stslidr/encoders/small_resnet.pth' in held


def test_a_wheel_from_the_source_archive_is_the_same(wheel, copy, tmp_path):
    command = [sys.executable, '-c', BUILD, str(tmp_path)]
    done = subprocess.run(command, cwd=copy, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    (archive,) = tmp_path.glob('*.tar.gz')
    other = zipfile.ZipFile(build_wheel(archive, tmp_path))
    one = zipfile.ZipFile(wheel)
    contents = [
        {name: file.read(name) for name in file.namelist() if '.dist-info/RECORD' not in name}
        for file in (one, other)
    ]
    assert contents[0] == contents[1]


def test_its_configs_import_the_installed_plugin_and_are_otherwise_the_same(wheel):
    held = zipfile.ZipFile(wheel)
    changed = []
    for name in files_under(ROOT / 'configs'):
        one, other = (
            (ROOT / 'configs' / name).read_bytes(),
            held.read(f'stslidr/.mim/configs/{name}'),
        )
        if one != other:
            changed.append(name)
            assert one.replace(b'projects.STSLidR.stslidr.plugin', b'stslidr.plugin') == other
    assert changed == ['_base_/default_runtime.py']


def test_every_tool_has_a_command(wheel):
    held = zipfile.ZipFile(wheel)
    (name,) = (name for name in held.namelist() if name.endswith('entry_points.txt'))
    points = ConfigParser()
    points.read_string(held.read(name).decode())
    wanted = {path.stem for path in (ROOT / 'tools').glob('*.py')} - {'describe_code'}
    commands = dict(points['console_scripts'])
    assert {f'stslidr-{name.replace("_", "-")}' for name in wanted} == commands.keys()
    for command, place in commands.items():
        assert re.fullmatch(rf'stslidr\w*\.tools\.{command[8:].replace("-", "_")}:run', place)


@pytest.fixture(scope='module')
def installed(wheel, tmp_path_factory):
    """An environment with the wheel, which finds all other packages where this one has them."""
    folder = tmp_path_factory.mktemp('environment') / 'venv'
    subprocess.run([sys.executable, '-m', 'venv', '--without-pip', folder], check=True)
    python = folder / 'bin/python'
    command = [sys.executable, '-m', 'pip', '--python', python, 'install', '--no-deps', '-q']
    done = subprocess.run([*command, '--no-index', wheel], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    (packages,) = folder.glob('lib/python*/site-packages')
    (packages / 'others.pth').write_text('\n'.join(site.getsitepackages()))
    return folder / 'bin'


def run(installed, folder, command, *arguments, status=0):
    """Run a command of the wheel, with nothing else in the environment."""
    done = subprocess.run(
        [installed / command, *map(str, arguments)],
        cwd=folder,
        env={'PATH': f'{installed}:/usr/bin:/bin', 'HOME': str(folder), 'OMP_NUM_THREADS': '1'},
        capture_output=True,
        text=True,
    )
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_its_modules_are_imported_from_it_alone(installed, tmp_path):
    code = (
        'import stslidr.core.pooling, stslidr_city.solids.solids, stslidr_studies.study.cells\n'
        'from stslidr.encoders.image_encoder import FrozenSmallResNet\n'
        "FrozenSmallResNet('synthetic')\n"
        'print(stslidr.__file__)\n'
    )
    printed = run(installed, tmp_path, 'python', '-c', code)
    assert printed.startswith(str(installed.parent))


def test_it_pretrains_in_an_empty_folder_by_the_name_of_a_config(installed, tmp_path):
    """From nothing to a checkpoint, by commands alone."""

    def call(command, *arguments, status=0):
        return run(installed, tmp_path, f'stslidr-{command}', *arguments, status=status)

    root, infos = Path('data/synthetic'), 'nuscenes_infos_synthetic'
    said = call('train', 'demo_stslidr', status=1)
    assert said.splitlines()[-1].endswith('does not exist: write it with stslidr-create-data')
    size = ('--scenes', 4, '--keyframes', 1, '--image-size', '160x90')
    call('create-synthetic', '--root', root, *size, '--seed', 0)
    call('create-data', 'nuscenes', '--root', root, '--version', 'v1.0-synthetic')
    for split in ('train', 'val'):
        made = (root / f'{infos}_{split}.pkl', '--root', root, '--out', root / 'superpixels/slic')
        call('create-superpixels', *made)
    small = ('--cfg-options', 'train_cfg.max_epochs=1', 'train_dataloader.batch_size=1')
    printed = call('train', 'demo_stslidr', *small)
    assert 'loss:' in printed and str(ROOT) not in printed
    assert (tmp_path / 'work_dirs/demo_stslidr/epoch_1.pth').exists()
    listed = call('run-experiment', 'demo', '--out', 'results', '--dry-run')
    assert listed.count('.mim/tools/train.py configs/demo_') == 5
    said = call('train', 'demo_stlidr', status=1)
    assert said.splitlines()[-1] == 'error: config demo_stlidr does not exist'
