"""A third data set by one record: prepared, drawn, trained, scored, predicted and corrupted.

The record and the config are those of docs/extending.md, word for word.
"""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path, PurePath
from types import SimpleNamespace

import numpy as np
import pytest
from mmengine.config import Config
from PIL import Image

from stslidr.corruptions.corrupt import KINDS
from stslidr.dataset_records.registry import RECORDS
from stslidr.files.infos import read_infos
from stslidr.files.label_split_file import read_label_split
from stslidr.inspection.keyframe_files import list_keyframes
from stslidr.running.options import merge_options
from support import commands
from support.tiny_run import CONFIGS, SMALL_BACKBONE
from support.tools import call
from support.toy_dataset import DRIVES, code_blocks, write_toy

ROOT = Path(__file__).resolve().parents[3]
RECORD_MODULE, CONFIG_MODULE = 'toy_record', 'toy_scratch'


@pytest.fixture(scope='module')
def toy(tmp_path_factory):
    """The toy data set, its record's module and a config derived from the shipped parts."""
    folder = tmp_path_factory.mktemp('toy')
    write_toy(folder / 'data')
    record, config = code_blocks()
    (folder / f'{RECORD_MODULE}.py').write_text(record)
    base = CONFIGS / 'scratch_100pct_semantickitti.py'
    config = config.replace('./scratch_100pct_semantickitti.py', str(base))
    (folder / f'{CONFIG_MODULE}.py').write_text(config)
    before = dict(RECORDS), list(sys.path)
    sys.path.insert(0, str(folder))
    yield SimpleNamespace(folder=folder, root=folder / 'data')
    sys.path[:] = before[1]
    sys.modules.pop(RECORD_MODULE, None)
    RECORDS.clear()
    RECORDS.update(before[0])


def run(name, *arguments):
    """Call a tool, which must end well."""
    try:
        call(name, *arguments)
    except SystemExit as ended:
        assert ended.code in (0, None)


@pytest.fixture(scope='module')
def prepared(toy):
    """Its info files, and superpixels by cells of a grid."""
    run('create_data.py', '--record', toy.folder / f'{RECORD_MODULE}.py', 'toy', '--root', toy.root)
    toy.infos = toy.root / 'toy_infos_train.pkl'
    toy.superpixels = toy.folder / 'superpixels'
    options = ('--root', toy.root, '--out', toy.superpixels, '--method', 'grid', '--workers', 1)
    run('create_superpixels.py', toy.infos, *options, '--record', RECORD_MODULE)
    return toy


@pytest.fixture(scope='module')
def trained(prepared):
    """A segmentor that was trained for two epochs."""
    config = Config.fromfile(prepared.folder / f'{CONFIG_MODULE}.py')
    merge_options(config, tiny_settings(prepared.root))
    prepared.config = prepared.folder / 'config.py'
    config.dump(prepared.config)
    run('train.py', prepared.config, '--work-dir', prepared.folder / 'work')
    prepared.checkpoint = prepared.folder / 'work' / 'epoch_2.pth'
    return prepared


def tiny_settings(root):
    settings = {
        'train_cfg.max_epochs': 2,
        'train_dataloader.batch_size': 2,
        **{f'model.backbone.{key}': value for key, value in SMALL_BACKBONE.items()},
    }
    for loader in ('train_dataloader', 'val_dataloader', 'test_dataloader'):
        settings |= {
            f'{loader}.num_workers': 0,
            f'{loader}.persistent_workers': False,
            f'{loader}.dataset.data_root': str(root),
        }
    return settings


def test_its_info_files(prepared):
    train = read_infos(prepared.infos)
    assert train['metainfo'] == {'dataset': 'toy', 'info_version': '1.1', 'split': 'train'}
    names = [sample['lidar_points']['lidar_path'] for sample in train['data_list']]
    assert names == [f'{drive}_00{n}.f32' for drive in ('north', 'south') for n in (0, 1)] + [
        'west_000.f32'
    ]
    assert {sample['lidar_points']['num_pts_feats'] for sample in train['data_list']} == {6}
    assert len(read_infos(prepared.root / 'toy_infos_val.pkl')['data_list']) == 2


def test_its_label_splits_follow_its_own_rule(prepared):
    file = prepared.root / 'toy_label_splits.json'
    assert read_label_split(file, 'train', '50pct').names == ('south',)
    assert read_label_split(file, 'train', '100pct').names == ('west', 'south', 'north')
    with pytest.raises(ValueError, match='1 in 100 of 3 drives is none'):
        read_label_split(file, 'train', '1pct')


def test_it_is_described(prepared, tmp_path, capsys):
    options = ('--superpixels', prepared.superpixels, '--json', tmp_path / 'numbers.json')
    roots = ('--root', prepared.root, '--record', prepared.folder / f'{RECORD_MODULE}.py')
    run('describe_keyframes.py', prepared.infos, *roots, *options)
    found = json.loads((tmp_path / 'numbers.json').read_text())['measures']
    assert found['points a sweep'] == 320 and found['points by class: (ignored)'] == 3
    assert sum(found[f'points by class: {name}'] for name in ('ground', 'house', 'car')) == 317
    assert found['pairs by camera: front'] > 0
    assert '| points by class: car |' in capsys.readouterr().out


def test_without_its_record_its_files_are_not_found(prepared, monkeypatch):
    monkeypatch.delitem(RECORDS, 'toy')
    with pytest.raises(
        FileNotFoundError, match='north_000.f32 .*is --record or --data-prefix missing'
    ):
        list_keyframes(prepared.infos, prepared.root)[0].read_sweep()


@pytest.mark.parametrize('damaged', [False, True])
def test_it_is_checked_by_several_processes(prepared, tmp_path, damaged):
    """They are spawned, and know the record by its module."""
    root = tmp_path / 'data'
    shutil.copytree(prepared.root, root)
    if damaged:
        sweep = root / 'clouds/south_001.f32'
        sweep.write_bytes(sweep.read_bytes()[:-1])
    record = prepared.folder / f'{RECORD_MODULE}.py'
    words = (prepared.infos, '--root', root, '--record', record, '--workers', 2)
    said = commands.run(ROOT / 'tools/check_data.py', *words, cwd=tmp_path, expect=int(damaged))
    assert ('south_001.f32' in said) is damaged, said


def test_it_is_drawn_in_its_colours(prepared, tmp_path):
    options = ('--superpixels', prepared.superpixels, '--out', tmp_path / 'toy')
    run(
        'draw_keyframe.py',
        prepared.infos,
        '--root',
        prepared.root,
        *options,
        '--record',
        'toy_record',
    )
    pixels = np.asarray(Image.open(tmp_path / 'toy_sweep.png').convert('RGB')).reshape(-1, 3)
    for colour in RECORDS['toy'].palette:
        assert (pixels == colour).all(axis=1).any()


def test_it_is_scored_and_predicted_as_a_submission(trained, tmp_path):
    out = tmp_path / 'out'
    work = ('--work-dir', tmp_path / 'work', '--json', tmp_path / 'result.json')
    run('test.py', trained.config, trained.checkpoint, *work, '--out', out)
    result = json.loads((tmp_path / 'result.json').read_text())
    assert result['dataset'] == 'toy' and result['num_samples'] == DRIVES['east'][1]
    assert list(result['segmentation']['all']['iou']) == ['ground', 'house', 'car']
    assert result['label_split'] == '100pct'
    files = sorted(path.relative_to(out).as_posix() for path in out.rglob('*') if path.is_file())
    assert files == ['val/east_000.guess', 'val/east_001.guess']
    counts = np.zeros((3, 3), int)
    classes = {7: 0, 300: 1, 301: 1, 512: 2}
    for name in files:
        guess = np.fromfile(out / name, '<u2')
        tags = np.fromfile(trained.root / 'tags' / f'{name[4:12]}.tag', '<u2') & 1023
        for tag, id_ in zip(tags.tolist(), guess.tolist(), strict=True):
            if tag:
                counts[classes[tag], classes[id_]] += 1
    assert result['segmentation']['confusion'] == {'east': counts.tolist()}


def test_test_time_augmentation(trained, tmp_path):
    work = ('--work-dir', tmp_path / 'work', '--json', tmp_path / 'result.json')
    run('test.py', trained.config, trained.checkpoint, *work, '--tta')
    result = json.loads((tmp_path / 'result.json').read_text())
    assert result['test_time_augmentation'] and result['segmentation']['all']['num_points'] == 634


def test_two_sweeps_do_not_share_a_file_of_a_submission(trained, tmp_path, monkeypatch, capsys):
    one_name = replace(RECORDS['toy'], submission_path=lambda sweep: PurePath('one.guess'))
    monkeypatch.setitem(RECORDS, 'toy', one_name)
    options = ('--work-dir', tmp_path / 'work', '--out', tmp_path / 'out')
    with pytest.raises((ValueError, SystemExit)) as ended:
        call('test.py', trained.config, trained.checkpoint, *options)
    said = f'{ended.value} {capsys.readouterr().err}'
    assert 'would both be' in said and 'east_000.f32' in said


def test_sweeps_are_labelled(trained, tmp_path):
    run(
        'predict.py',
        trained.config,
        trained.checkpoint,
        trained.root / 'clouds',
        '--out',
        tmp_path,
        '--device',
        'cpu',
        '--pictures',
    )
    assert len(list(tmp_path.glob('*.guess'))) == len(list(tmp_path.glob('*.png'))) == 7
    about = json.loads((tmp_path / 'predictions.json').read_text())
    assert about['label_format'] == 'toy' and about['dtype'] == '<u2'
    assert about['classes'] == {'ground': 7, 'house': 300, 'car': 512}
    guess = np.fromfile(tmp_path / 'north_000.guess', '<u2')
    assert len(guess) == 320 and set(guess.tolist()) <= {7, 300, 512}


def test_it_is_corrupted(trained, tmp_path):
    work = ('--work-dir', tmp_path / 'work', '--json', tmp_path / 'result.json')
    run('test.py', trained.config, trained.checkpoint, *work, '--corruptions', 'all')
    result = json.loads((tmp_path / 'result.json').read_text())
    assert tuple(result['corruptions']) == KINDS
    clean = result['segmentation']['all']['num_points']
    heavy = {
        kind: cells['heavy']['segmentation']['all'] for kind, cells in result['corruptions'].items()
    }
    assert clean == 2 * 317
    assert heavy['cross_sensor']['num_points'] < heavy['beam_missing']['num_points'] < clean
    assert result['summary']['mean_resilience_rate'] > 0


def test_workers_that_are_spawned_know_its_labels(trained):
    """Such a process imports what it is handed, so the module of the record comes along."""
    command = [sys.executable, ROOT / 'tools/train.py', trained.config]
    command += ['--work-dir', trained.folder / 'spawned', '--cfg-options', 'train_cfg.max_epochs=1']
    command += ['env_cfg.mp_cfg.mp_start_method=spawn', 'train_dataloader.num_workers=2']
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        timeout=300,
        env={**os.environ, 'PYTHONPATH': str(trained.folder)},
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert (trained.folder / 'spawned' / 'epoch_1.pth').is_file()
