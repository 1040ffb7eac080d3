"""tools/check_data.py: each kind of fault is found, and named; sound data give status 0."""

import json
import pickle
import re
import shutil

import numpy as np
import pytest
from PIL import Image

from stslidr.files.infos import read_infos
from support.tiny_data import TinyData, make_tiny_data
from support.tiny_labelled import make_labelled_nuscenes
from support.tools import assert_mistake, call, status_of

PREFIXES = ('--data-prefix', 'pts=sweeps', 'LEFT=LEFT', 'RIGHT=RIGHT')


@pytest.fixture(scope='module')
def whole(tmp_path_factory):
    return make_tiny_data(tmp_path_factory.mktemp('data'), num_keyframes=5)


@pytest.fixture
def data(whole, tmp_path):
    shutil.copytree(whole.root, tmp_path / 'data')
    return TinyData(tmp_path / 'data', whole.num_keyframes, whole.num_points)


def command(data, *more):
    maps = ('--superpixels', data.root / data.superpixels)
    return (data.root / data.ann_file, '--root', data.root, *maps, *PREFIXES, '--workers', 1, *more)


def called(capsys, *arguments):
    """Run the tool, which finds nothing; returns what it prints."""
    capsys.readouterr()
    call('check_data.py', *arguments)
    return capsys.readouterr().out


def change_info(data, change):
    """Write the info file anew after ``change`` of its list of samples."""
    path = data.root / data.ann_file
    infos = read_infos(path)
    change(infos['data_list'])
    path.write_bytes(pickle.dumps(infos))


def damaged(name, content=b'nothing'):
    return lambda data: (data.root / name).write_bytes(content)


def in_info(*keys, value):
    def change(samples):
        entry = samples[2]
        for key in keys[:-1]:
            entry = entry[key]
        entry[keys[-1]] = value

    return lambda data: change_info(data, change)


def without(*keys):
    def change(samples):
        entry = samples[2]
        for key in keys[:-1]:
            entry = entry[key]
        del entry[keys[-1]]

    return lambda data: change_info(data, change)


def copy(one, other):
    return lambda data: shutil.copy(data.root / one, data.root / other)


def one_colour(name, size):
    return lambda data: Image.new('RGB', size[::-1], (9, 80, 200)).save(data.root / name)


def save_map(name, labels):
    return lambda data: Image.fromarray(labels.astype(np.uint8)).save(data.root / name)


NAN_POSE = np.full((4, 4), np.nan)
SCALED = np.diag([2.0, 2, 2, 1])
TURNED = [[1.0, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]]
LARGE = [[80.0, 0, 80], [0, 80, 48], [0, 0, 1]]
BEHIND = [[0, -1, 0, 0], [0, 0, -1, 0], [1, 0, 0, -900], [0, 0, 0, 1]]
MAP = 'superpixels/grid/left2.png'
FAULTS = [
    (lambda data: (data.root / 'sweeps/2.bin').unlink(), 'missing', r'sweeps/2\.bin'),
    (lambda data: (data.root / 'LEFT/2.png').unlink(), 'missing', r'LEFT/2\.png'),
    (lambda data: (data.root / MAP).unlink(), 'missing', r'left2\.png'),
    (damaged('sweeps/2.bin'), 'damaged', r'sweeps/2\.bin has 7 bytes'),
    (damaged('sweeps/2.bin', b''), 'damaged', r'sweeps/2\.bin is empty'),
    (damaged('LEFT/2.png'), 'damaged', r'LEFT/2\.png cannot be read'),
    (one_colour('LEFT/2.png', (20, 20)), 'damaged', '20 x 20'),
    (damaged(MAP), 'damaged', r'left2\.png'),
    (save_map(MAP, np.zeros((5, 5))), 'damaged', '5 x 5'),
    (save_map(MAP, np.full((48, 80), 99)), 'damaged', 'ids up to 99'),
    (without('lidar_points', 'lidar_path'), 'entry', 'lidar_path'),
    (in_info('lidar_points', value='text'), 'entry', 'lidar_points'),
    (in_info('lidar_points', 'num_points', value=-3), 'damaged', 'num_points is -3'),
    (in_info('lidar_points', 'lidar_path', value='../x.bin'), 'entry', r'\.\./x\.bin'),
    (in_info('images', value=[1]), 'entry', 'images'),
    (without('images', 'LEFT', 'sample_data_token'), 'entry', 'no sample_data_token'),
    (in_info('ego2global', value=NAN_POSE), 'calibration', 'ego2global is not finite'),
    (in_info('lidar_points', 'lidar2ego', value=SCALED), 'calibration', 'lidar2ego is not rigid'),
    (in_info('images', 'LEFT', 'cam2ego', value=NAN_POSE), 'calibration', 'cam2ego is not finite'),
    (in_info('images', 'LEFT', 'lidar2cam', value=SCALED), 'calibration', 'lidar2cam .* not rigid'),
    (in_info('images', 'LEFT', 'cam2img', value=LARGE), 'calibration', 'optical axis'),
    (in_info('images', 'LEFT', 'cam2img', value='nothing'), 'calibration', 'cam2img'),
    (in_info('images', 'LEFT', 'lidar2cam', value=TURNED), 'calibration', 'turned by 120 degrees'),
    (in_info('images', 'LEFT', 'lidar2cam', value=BEHIND), 'pairs', 'no point of the sweep'),
    (one_colour('LEFT/2.png', (48, 80)), 'image', r'LEFT/2\.png is of one colour'),
    (save_map(MAP, np.full((48, 80), 3)), 'superpixels', 'a single superpixel'),
    (copy('sweeps/1.bin', 'sweeps/2.bin'), 'copies', r'sweeps/1\.bin, .*sweeps/2\.bin'),
    (copy('LEFT/1.png', 'LEFT/2.png'), 'copies', r'LEFT/1\.png, .*LEFT/2\.png'),
    (in_info('lidar_points', 'lidar_path', value='1.bin'), 'copies', '2 samples have the sweep'),
]


def findings_of(capsys, data, *more):
    """Run the tool on data with a fault; returns what it writes as JSON."""
    out = data.root / 'report.json'
    said = assert_mistake(capsys, 'findings', 'check_data.py', *command(data, '--json', out, *more))
    return json.loads(out.read_text())['findings'], said


@pytest.mark.parametrize(
    ('damage', 'kind', 'says'), FAULTS, ids=[f'{row[1]}-{row[2][:25]}' for row in FAULTS]
)
def test_each_fault_is_found(capsys, data, damage, kind, says):
    damage(data)
    found, _ = findings_of(capsys, data)
    texts = [finding['text'] for finding in found if finding['kind'] == kind]
    assert any(re.search(says, text) for text in texts), found
    assert all('\n' not in finding['text'] for finding in found)


def test_sound_data(capsys, whole):
    printed = called(capsys, *command(whole))
    assert printed.splitlines()[0] == '5 samples, 25 files'


def test_hashes_are_written_once_and_compared_later(capsys, data, tmp_path):
    hashes = tmp_path / 'hashes.txt'
    called(capsys, *command(data, '--hashes', hashes))
    first = hashes.read_text()
    assert len(first.splitlines()) == 25 and 'sweeps/0.bin' in first
    called(capsys, *command(data, '--hashes', hashes))
    sweep = data.root / 'sweeps/3.bin'
    points = np.fromfile(sweep, np.float32)
    points[0] += 0.5
    points.tofile(sweep)
    found, _ = findings_of(capsys, data, '--hashes', hashes)
    assert found == [{'kind': 'changed', 'text': 'sweeps/3.bin is another file than its hash says'}]
    assert hashes.read_text() == first
    hashes.write_text(first.replace('LEFT/0.png', 'LEFT/9.png'))
    found, _ = findings_of(capsys, data, '--hashes', hashes, '--samples', 1)
    assert [finding['text'] for finding in found] == ['LEFT/0.png is not among the hashes']


def test_hashes_of_faulty_data_are_not_written(capsys, data, tmp_path):
    damaged('LEFT/2.png')(data)
    findings_of(capsys, data, '--hashes', tmp_path / 'hashes.txt')
    assert not (tmp_path / 'hashes.txt').exists()


def test_kinds_can_be_left_out(capsys, data):
    one_colour('LEFT/2.png', (48, 80))(data)
    called(capsys, *command(data, '--ignore', 'image'))
    assert status_of('check_data.py', *command(data, '--ignore', 'imagge')) == 2


def test_labels_and_records(capsys, tmp_path):
    root = tmp_path / 'labelled'
    make_labelled_nuscenes(root, {'scene-a': 3})
    arguments = (root / 'nuscenes_infos_train.pkl', '--root', root, '--workers', 1)
    printed = called(capsys, *arguments, '--ignore', 'calibration', 'pairs')
    assert printed.startswith('3 samples, 9 files')
    files = sorted(root.glob('lidarseg/*/*.bin'))
    files[0].write_bytes(b'\xff' * files[0].stat().st_size)
    files[1].write_bytes(bytes(files[1].stat().st_size))
    files[2].unlink()
    out = tmp_path / 'out.json'
    assert_mistake(capsys, 'findings', 'check_data.py', *arguments, '--json', out)
    said = {finding['text']: finding['kind'] for finding in json.loads(out.read_text())['findings']}
    by_file = {
        file.name: [(kind, text) for text, kind in said.items() if file.name in text]
        for file in files
    }
    assert [kind for kind, _ in by_file[files[0].name]] == ['labels']
    assert 'no label of a class' in by_file[files[1].name][0][1]
    assert by_file[files[2].name][0][0] == 'missing'


def test_two_processes_find_the_same(capsys, data):
    damaged('LEFT/2.png')(data)
    copy('sweeps/1.bin', 'sweeps/3.bin')(data)
    one, _ = findings_of(capsys, data)
    two, _ = findings_of(capsys, data, '--workers', 2)
    assert one == two and len(one) == 2


def test_the_report_is_cut_and_the_json_is_not(capsys, data):
    for number in range(5):
        for name in ('LEFT', 'RIGHT'):
            damaged(f'{name}/{number}.png')(data)
        damaged(f'sweeps/{number}.bin')(data)
    out = data.root / 'report.json'
    assert status_of('check_data.py', *command(data, '--json', out)) == 1
    printed = capsys.readouterr().out
    assert 'damaged: 15 (' in printed and '  ... and 5 more' in printed
    assert len(json.loads(out.read_text())['findings']) == 15
