"""tools/predict.py: files or folders to label files, interrupted and resumed, with pictures."""

import hashlib
import json
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from PIL import Image

import stslidr.plugin  # noqa: F401
from stslidr.dataset_records.nuscenes import LIDARSEG
from stslidr.dataset_records.semantickitti import SEMANTIC_KITTI_LABELS
from stslidr.files.semantickitti_classes import PALETTE
from stslidr.prediction.prediction_folder import PredictionFolder
from stslidr.prediction.predictor import choose_device
from support.tiny_labelled import make_labelled_kitti, make_labelled_nuscenes
from support.tiny_segmentation import SCENES, SEQUENCES, tiny_segmentor
from support.tiny_weights import save_segmentor
from support.tools import call, status_of


def make_run(folder, name, make_data, contents):
    make_data(folder / 'data', contents)
    config = tiny_segmentor(folder / 'data', folder / 'work', name)
    save_segmentor(config, folder / 'weights.pth')
    save_segmentor(config, folder / 'others.pth', seed=1)
    config.dump(folder / 'config.py')
    return SimpleNamespace(
        root=folder / 'data',
        config=folder / 'config.py',
        checkpoint=folder / 'weights.pth',
        other=folder / 'others.pth',
    )


@pytest.fixture(scope='module')
def kitti(tmp_path_factory):
    folder = tmp_path_factory.mktemp('kitti')
    return make_run(folder, 'finetune_1pct_semantickitti', make_labelled_kitti, SEQUENCES)


@pytest.fixture(scope='module')
def nuscenes(tmp_path_factory):
    folder = tmp_path_factory.mktemp('nuscenes')
    return make_run(folder, 'finetune_1pct_nuscenes', make_labelled_nuscenes, SCENES)


def predict(run, *arguments, status=0, checkpoint=None):
    command = ('predict.py', run.config, checkpoint or run.checkpoint, *arguments)
    assert status_of(*command, '--device', 'cpu') == status


def fail(capsys, run, *arguments, **settings):
    """Run the tool, which must end with one line of error; return that line."""
    capsys.readouterr()
    predict(run, *arguments, status=1, **settings)
    return capsys.readouterr().err.splitlines()[-1]


def labels_in(folder, ending):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob(f'*{ending}')
    }


def test_the_labels_are_those_of_the_test(kitti, tmp_path):
    call(
        'test.py',
        kitti.config,
        kitti.checkpoint,
        '--work-dir',
        tmp_path / 'work',
        '--out',
        tmp_path / 'tested',
    )
    predict(kitti, kitti.root / 'sequences' / '08' / 'velodyne', '--out', tmp_path / 'out')
    tested = labels_in(tmp_path / 'tested' / 'sequences/08/predictions', '.label')
    assert labels_in(tmp_path / 'out', '.label') == tested and len(tested) == 3
    assert len(set(b''.join(tested.values()))) > 2


def test_nuscenes_labels_and_what_the_folder_says_of_them(nuscenes, tmp_path, capsys):
    sweeps = sorted((nuscenes.root / 'samples' / 'LIDAR_TOP').iterdir())[:2]
    predict(nuscenes, *sweeps, '--out', tmp_path)
    assert 'labels of 2 sweeps, 2 of them made now' in capsys.readouterr().out
    for sweep in sweeps:
        ids = np.fromfile(tmp_path / sweep.name.replace('.bin', '_lidarseg.bin'), np.uint8)
        assert len(ids) == sweep.stat().st_size // 20 and 1 <= ids.min() <= ids.max() <= 16
    about = json.loads((tmp_path / 'predictions.json').read_text())
    assert about['label_format'] == 'lidarseg' and about['dtype'] == '<u1'
    assert list(about['classes'].values()) == list(LIDARSEG.written_ids)
    assert about['classes']['car'] == 4
    assert about['sweeps_sha256'] == {
        sweep.name.removesuffix('.bin'): hashlib.sha256(sweep.read_bytes()).hexdigest()
        for sweep in sweeps
    }


def test_an_interrupted_run_goes_on_and_keeps_what_is_there(kitti, tmp_path, monkeypatch, capsys):
    folder = kitti.root / 'sequences'
    predict(kitti, folder, '--out', tmp_path / 'whole')
    whole = labels_in(tmp_path / 'whole', '.label')
    assert sorted(whole)[0] == '00/velodyne/000000.label' and len(whole) == 11
    finish, done = PredictionFolder.finish, []

    def interrupted(self, sweep):
        if len(done) == 4:
            raise KeyboardInterrupt
        done.append(sweep)
        finish(self, sweep)

    monkeypatch.setattr(PredictionFolder, 'finish', interrupted)
    predict(kitti, folder, '--out', tmp_path / 'part', status=130)
    monkeypatch.undo()
    kept = {path: path.stat().st_mtime_ns for path in (tmp_path / 'part').rglob('*.label')}
    assert len(kept) == 4
    predict(kitti, folder, '--out', tmp_path / 'part')
    said = capsys.readouterr()
    assert 'labels of 11 sweeps, 7 of them made now' in said.out and '11/11' in said.err
    assert labels_in(tmp_path / 'part', '.label') == whole
    assert all(path.stat().st_mtime_ns == time for path, time in kept.items())


def test_pictures_are_drawn_on_request_and_later_too(kitti, tmp_path, capsys):
    folder = kitti.root / 'sequences/08/velodyne'
    predict(kitti, folder, '--out', tmp_path)
    before = labels_in(tmp_path, '.label')
    assert not list(tmp_path.glob('*.png'))
    predict(kitti, folder, '--out', tmp_path, '--pictures')
    assert sorted(path.name for path in tmp_path.glob('*.png')) == [
        f'00000{number}.png' for number in range(3)
    ]
    assert labels_in(tmp_path, '.label') == before
    pixels = np.asarray(Image.open(tmp_path / '000000.png').convert('RGB')).reshape(-1, 3)
    raw = np.frombuffer(before['000000.label'], '<u4')
    for number in np.unique(SEMANTIC_KITTI_LABELS.class_table[raw]):
        assert (pixels == PALETTE[number]).all(axis=1).any(), f'colour of class {number}'


def test_labels_of_other_weights_do_not_mix(kitti, tmp_path, capsys):
    sweep = kitti.root / 'sequences/08/velodyne/000000.bin'
    predict(kitti, sweep, '--out', tmp_path)
    said = fail(capsys, kitti, sweep, '--out', tmp_path, checkpoint=kitti.other)
    assert said.startswith('error: ') and 'checkpoint_sha256' in said and str(tmp_path) in said
    (tmp_path / 'predictions.json').unlink()
    assert 'no predictions.json' in fail(capsys, kitti, sweep, '--out', tmp_path)


def test_labels_of_another_sweep_of_the_same_name_are_not_taken_for_its_own(
    kitti, tmp_path, capsys
):
    sweep = tmp_path / 'a' / '000000.bin'
    sweep.parent.mkdir()
    sweep.write_bytes((kitti.root / 'sequences/08/velodyne/000000.bin').read_bytes())
    other = kitti.root / 'sequences/00/velodyne/000000.bin'
    predict(kitti, sweep, '--out', tmp_path / 'out')
    before = labels_in(tmp_path / 'out', '.label')
    assert str(other) in fail(capsys, kitti, other, '--out', tmp_path / 'out')
    assert labels_in(tmp_path / 'out', '.label') == before
    moved = sweep.rename(tmp_path / sweep.name)  # moved, it is the same sweep
    predict(kitti, moved, '--out', tmp_path / 'out')
    assert 'labels of 1 sweeps, 0 of them made now' in capsys.readouterr().out
    moved.write_bytes(moved.read_bytes()[:-16])
    assert 'changed since' in fail(capsys, kitti, moved, '--out', tmp_path / 'out')
    (tmp_path / 'out' / '000000.label').unlink()
    predict(kitti, moved, '--out', tmp_path / 'out')
    labels = labels_in(tmp_path / 'out', '.label')['000000.label']
    assert len(labels) == len(before['000000.label']) - 4


def test_a_checkpoint_of_weights_alone_labels_as_well(kitti, tmp_path):
    sweep = kitti.root / 'sequences/08/velodyne/000000.bin'
    weights = torch.load(kitti.checkpoint, weights_only=True)['state_dict']
    torch.save(weights, tmp_path / 'bare.pth')
    predict(kitti, sweep, '--out', tmp_path / 'one')
    predict(kitti, sweep, '--out', tmp_path / 'two', checkpoint=tmp_path / 'bare.pth')
    assert labels_in(tmp_path / 'one', '.label') == labels_in(tmp_path / 'two', '.label')


def test_an_output_folder_that_is_a_file(kitti, tmp_path, capsys):
    (tmp_path / 'out').write_text('mine')
    line = fail(capsys, kitti, kitti.root / 'sequences/08', '--out', tmp_path / 'out')
    assert f'{tmp_path / "out"} is a file' in line
    assert (tmp_path / 'out').read_text() == 'mine'


@pytest.mark.parametrize(
    ('devices', 'name', 'chosen'),
    [
        (0, None, 'cpu'),
        (2, None, 'cuda:0'),
        (2, 'cpu', 'cpu'),
        (2, 'cuda', 'cuda:0'),
        (2, 'cuda:1', 'cuda:1'),
    ],
)
def test_the_device(monkeypatch, devices, name, chosen):
    monkeypatch.setattr(torch.cuda, 'device_count', lambda: devices)
    assert choose_device(name) == chosen


@pytest.mark.parametrize(
    ('devices', 'name', 'said'),
    [
        (0, 'cuda', 'no CUDA device'),
        (2, 'cuda:2', '2 CUDA devices'),
        (2, 'gpu', 'cpu, cuda or'),
        (2, '0', 'cpu, cuda or'),
        (2, 'meta', 'cpu, cuda or'),
    ],
)
def test_a_device_that_is_not_there_is_refused(monkeypatch, devices, name, said):
    monkeypatch.setattr(torch.cuda, 'device_count', lambda: devices)
    with pytest.raises(ValueError, match=rf'--device {name}: .*{said}'):
        choose_device(name)


def test_bad_sweeps_are_named(kitti, tmp_path, capsys):
    good = (kitti.root / 'sequences/08/velodyne/000000.bin').read_bytes()
    (tmp_path / 'cut.bin').write_bytes(good[:-4])
    rows = np.frombuffer(good, '<f4').reshape(-1, 4)[:, :3]
    (tmp_path / 'no_remission.bin').write_bytes(np.resize(rows, (64, 3)).tobytes())
    holes = np.frombuffer(good, '<f4').copy()
    holes[5] = np.nan
    holes.tofile(tmp_path / 'holes.bin')
    (tmp_path / 'empty.bin').touch()
    (tmp_path / 'none').mkdir()
    for name, said in (
        ('cut.bin', 'no multiple of a row'),
        ('no_remission.bin', 'no intensity'),
        ('holes.bin', '1 of'),
        ('empty.bin', 'is empty'),
        ('absent.bin', 'does not exist'),
        ('none', 'holds no sweep'),
    ):
        line = fail(capsys, kitti, tmp_path / name, '--out', tmp_path / 'out')
        assert line.startswith('error: ') and str(tmp_path / name) in line and said in line
    two = (
        kitti.root / 'sequences/00/velodyne/000000.bin',
        kitti.root / 'sequences/08/velodyne/000000.bin',
    )
    line = fail(capsys, kitti, *two, '--out', tmp_path / 'out')
    assert all(str(path) in line for path in two) and 'one name' in line


def test_a_sweep_given_twice_and_labels_beside_sweeps(nuscenes, tmp_path, capsys):
    folder = tmp_path / 'mine'
    folder.mkdir()
    sweep = next((nuscenes.root / 'samples' / 'LIDAR_TOP').iterdir())
    (folder / 'a.bin').write_bytes(sweep.read_bytes())
    for _ in range(2):
        predict(nuscenes, folder, folder / 'a.bin', '--out', folder)
    assert 'labels of 1 sweeps, 0 of them made now' in capsys.readouterr().out
    assert sorted(path.name for path in folder.iterdir()) == [
        'a.bin',
        'a_lidarseg.bin',
        'predictions.json',
    ]
    assert len((folder / 'a_lidarseg.bin').read_bytes()) == sweep.stat().st_size // 20


def test_what_cannot_predict_is_refused(kitti, nuscenes, tmp_path, capsys):
    sweep = kitti.root / 'sequences/08/velodyne/000000.bin'
    line = fail(capsys, kitti, sweep, '--out', tmp_path, checkpoint=nuscenes.checkpoint)
    assert 'was trained on other classes' in line and str(nuscenes.checkpoint) in line
    line = fail(capsys, kitti, sweep, '--out', tmp_path, checkpoint=tmp_path / 'absent.pth')
    assert 'absent.pth' in line
    assert not list(tmp_path.rglob('*.label'))
