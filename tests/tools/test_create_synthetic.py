"""`tools/create_synthetic.py` as a user runs it: once, again, after a kill, and with bad input."""

import hashlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from nuscenes.nuscenes import NuScenes
from nuscenes.utils.data_classes import LidarPointCloud
from PIL import Image

from stslidr.files.infos import read_infos

TOOLS = Path(__file__).parents[2] / 'tools'
SIZE = ('--scenes', '2', '--keyframes', '2', '--seed', '5', '--image-size', '160x90')


def command(root, *options, size=SIZE):
    return [
        sys.executable,
        str(TOOLS / 'create_synthetic.py'),
        '--root',
        str(root),
        *size,
        *options,
    ]


def run(line):
    environment = {name: value for name, value in os.environ.items() if name != 'PYTHONPATH'}
    return subprocess.run(
        line, cwd='/', env=environment, capture_output=True, text=True, check=False, timeout=600
    )


def contents(root):
    """Path under the root -> hash, of every file."""
    return {
        str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in root.rglob('*')
        if path.is_file()
    }


@pytest.fixture(scope='module')
def made(tmp_path_factory):
    """A root made by two workers, and what the run said; read-only."""
    root = tmp_path_factory.mktemp('synthetic') / 'root'
    ended = run(command(root, '--workers', '2'))
    assert ended.returncode == 0, ended.stderr
    return root, ended


def test_what_it_says(made):
    root, ended = made
    assert '2 scenes x 2 keyframes, images 160x90: 4 keyframes; ' in ended.stdout
    assert '4 to make: about ' in ended.stdout and 'are free' in ended.stdout
    assert 'keyframes: 100%' in ended.stderr and '4/4' in ended.stderr
    assert (
        f'python tools/create_data.py nuscenes --root {root} --version v1.0-synthetic'
        in ended.stdout
    )
    assert f'{root}/nuscenes_infos_synthetic_val.pkl --root {root}' in ended.stdout


def test_devkit_loads_it(made):
    devkit = NuScenes('v1.0-synthetic', str(made[0]), verbose=False)
    assert len(devkit.sample) == 4 and devkit.sample_annotation
    for record in devkit.sample_data:
        path = devkit.get_sample_data_path(record['token'])
        if record['channel'] == 'LIDAR_TOP':
            assert LidarPointCloud.from_file(path).nbr_points() == 34_688
        else:
            with Image.open(path) as image:
                assert image.size == (160, 90)


def test_the_next_command_reads_it(made, tmp_path):
    ended = run(
        [
            sys.executable,
            str(TOOLS / 'create_data.py'),
            'nuscenes',
            '--root',
            str(made[0]),
            '--version',
            'v1.0-synthetic',
            '--out',
            str(tmp_path),
        ]
    )
    assert ended.returncode == 0, ended.stderr
    for split, scene in (('train', 'synthetic-0001'), ('val', 'synthetic-0002')):
        samples = read_infos(tmp_path / f'nuscenes_infos_synthetic_{split}.pkl')['data_list']
        assert [sample['scene_name'] for sample in samples] == [scene] * 2


def test_again_and_with_missing_files(made):
    root, _ = made
    before = contents(root)
    again = run(command(root))
    assert again.returncode == 0 and 'the files of all 4 keyframes are there' in again.stdout
    assert not again.stderr
    for folder in (root / 'samples').iterdir():
        sorted(folder.iterdir())[1].unlink()
    repaired = run(command(root, '--workers', '1'))
    assert repaired.returncode == 0 and '1 of 4 keyframes are missing' in repaired.stdout
    assert contents(root) == before, 'another process and number of workers, the same bytes'


@pytest.mark.slow
def test_killed_and_resumed_with_another_number_of_workers(made, tmp_path):
    root = tmp_path / 'root'
    process = subprocess.Popen(
        command(root, '--workers', '2'),
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 300
    while not list((root / '.keyframes').rglob('[0-9]*.json')):
        assert time.monotonic() < deadline and process.poll() is None
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert not (root / 'v1.0-synthetic').exists()
    resumed = run(command(root, '--workers', '1'))
    assert resumed.returncode == 0 and 'of them are there' in resumed.stdout
    assert contents(root) == contents(made[0])


@pytest.mark.parametrize(
    'options, said',
    [
        (('--scenes', '0'), '--scenes 0: it must be from 1'),
        (('--keyframes', '99999999'), '--keyframes 99999999'),
        (('--seed', '-1'), '--seed -1: it must be from 0'),
        (('--image-size', '32x18'), 'from 64x36'),
        (('--image-size', 'large'), "'large' is not of the form WxH"),
        (('--root', '/dev/null'), '/dev/null is a file'),
        (('--root', '/proc/here'), '/proc/here cannot be made'),
        (('--root', str(TOOLS)), 'choose a new or an empty folder'),
        (('--scenes', '9999', '--keyframes', '100', '--image-size', '4600x3400'), 'TB are needed'),
    ],
)
def test_bad_input_is_one_line(tmp_path, options, said):
    ended = run(command(tmp_path / 'root', *options))
    assert ended.returncode == 1
    (line,) = ended.stderr.splitlines()
    assert line.startswith('error: ') and said in line
    assert not list(tmp_path.rglob('*.json')), 'nothing is begun'


@pytest.mark.parametrize(
    'options, said',
    [
        (('--workers', '0'), '--workers 0: at least 1'),
        (('--scenes', 'many'), 'invalid int'),
        (('--scenes', '1.5'), 'invalid int'),
    ],
)
def test_usage(tmp_path, options, said):
    ended = run(command(tmp_path / 'root', *options))
    assert ended.returncode == 2 and said in ended.stderr
