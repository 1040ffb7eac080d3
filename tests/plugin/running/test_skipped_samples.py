"""Bad samples end a training, or are skipped up to a limit: logged, and counted in checkpoints."""

import re
import shutil

import numpy as np
import pytest
import torch
from mmengine.registry import init_default_scope

from stslidr.errors import InputError, UserError
from stslidr.running.checked_runner import CheckedRunner
from stslidr.running.launch import build_runner
from support.tiny_data import TinyData, make_tiny_data
from support.tiny_labelled import make_labelled_nuscenes
from support.tiny_run import last_checkpoint, tiny_config, train
from support.tiny_segmentation import tiny_segmentor

NO_VALIDATION = dict(val_cfg=None, val_dataloader=None, val_evaluator=None)


@pytest.fixture(scope='module')
def whole(tmp_path_factory):
    return make_tiny_data(tmp_path_factory.mktemp('data'), num_keyframes=6)


@pytest.fixture
def data(whole, tmp_path):
    """A copy to damage."""
    shutil.copytree(whole.root, tmp_path / 'data')
    return TinyData(tmp_path / 'data', whole.num_keyframes, whole.num_points)


def config_of(data, work_dir, limit, workers=0, **more):
    options = {'train_dataloader__dataset__max_bad_samples': limit, **NO_VALIDATION, **more}
    return tiny_config(data, work_dir, train_dataloader__num_workers=workers, **options)


def cut(path):
    path.write_bytes(path.read_bytes()[:-7])


def add_far_point(path):
    sweep = np.fromfile(path, np.float32).reshape(-1, 4)
    sweep[17, :3] = 3000, 20, 1000
    sweep.tofile(path)


def overwrite(path):
    path.write_bytes(b'no image')


FAULTS = {
    'cut sweep': ('sweeps/2.bin', cut, r'sweep .*/sweeps/2\.bin has \d+ bytes'),
    'lost sweep': ('sweeps/2.bin', lambda path: path.unlink(), r'sweep .*/2\.bin does not exist'),
    'no image': ('LEFT/2.png', overwrite, r'image .*/LEFT/2\.png cannot be read'),
    'lost map': (
        'superpixels/grid/left2.png',
        lambda path: path.unlink(),
        r'sample sample2, sweep .*/sweeps/2\.bin: superpixel map .*/left2\.png does not exist',
    ),
    'stray point': (
        'sweeps/2.bin',
        add_far_point,
        r'sample sample2, sweep .*/2\.bin: the sweep spans .* its farthest point, number 17, is '
        r'3162\.\d m away',
    ),
}


def dataset_of(config):
    """The data set of the training, in batches of 16, and a sample of it."""
    init_default_scope('mmdet3d')
    loader = {**config.train_dataloader, 'batch_size': 16}
    return CheckedRunner.build_dataloader(loader, seed=1).dataset


@pytest.mark.parametrize('fault', FAULTS)
def test_each_fault_is_named_in_its_sample(data, tmp_path, fault):
    name, damage, said = FAULTS[fault]
    damage(data.root / name)
    dataset = dataset_of(config_of(data, tmp_path, 1))
    with pytest.raises(UserError, match=said):
        dataset[2]  # nobody counts yet
    dataset.counts_skips = True
    (skipped,) = dataset[2]['skipped'].samples
    assert skipped.name == 'sample2' and re.search(said, skipped.reason)


def test_a_skip_is_logged_each_time_and_kept_in_the_checkpoint(data, tmp_path):
    cut(data.root / 'sweeps/2.bin')
    checkpoint = train(config_of(data, tmp_path, 1))
    assert list(checkpoint['meta']['skipped_samples']) == ['sample2']
    assert checkpoint['meta']['iter'] == 6, 'as many batches as without a bad sample'
    (log,) = tmp_path.glob('*/*.log')
    text = log.read_text()
    assert text.count('sample sample2 is skipped: sweep ') == 2, 'once an epoch'
    assert '1 bad sample of at most 1' in text and '1 bad sample skipped so far' in text


@pytest.mark.parametrize('workers', [0, 2])
def test_the_limit_ends_the_run_and_names_the_last(data, tmp_path, workers):
    for number in (1, 2, 4):
        cut(data.root / f'sweeps/{number}.bin')
    config = config_of(data, tmp_path / 'work', 2, workers)
    with pytest.raises(InputError, match=r'3 bad samples, and max_bad_samples is 2: mend'):
        train(config)


def test_nothing_but_bad_samples_is_an_error(data, tmp_path):
    for path in (data.root / 'sweeps').iterdir():
        cut(path)
    dataset = dataset_of(config_of(data, tmp_path, 1000))
    dataset.counts_skips = True
    with pytest.raises(InputError, match=r'sweeps/\d\.bin has'):
        dataset[0]


def test_a_resumed_run_counts_on_and_ends_alike(data, tmp_path):
    for number in (1, 4):
        cut(data.root / f'sweeps/{number}.bin')
    options = dict(
        default_hooks__checkpoint__by_epoch=False, default_hooks__checkpoint__interval=1, workers=1
    )
    expected = train(config_of(data, tmp_path / 'whole', 2, **options))
    again = config_of(data, tmp_path / 'again', 2, **options)
    again.load_from, again.resume = str(tmp_path / 'whole' / 'iter_4.pth'), True
    resumed = train(again)
    assert resumed['meta']['skipped_samples'] == expected['meta']['skipped_samples']
    for name, value in expected['state_dict'].items():
        assert torch.equal(value, resumed['state_dict'][name]), name


def test_the_others_keep_their_draws(data, whole, tmp_path):
    """A skip changes nothing but its own place in a batch."""
    cut(data.root / 'sweeps/2.bin')
    one = dataset_of(config_of(data, tmp_path / 'one', 1))
    two = dataset_of(config_of(whole, tmp_path / 'two', 0))
    one.counts_skips = two.counts_skips = True
    for index in (0, 1, 3, 4, 5):
        packed, expected = one[index], two[index]
        assert packed.pop('skipped').samples == ()
        assert packed.keys() == expected.keys()
        for name, value in expected['inputs'].items():
            other = packed['inputs'][name]
            assert torch.equal(value, other) if torch.is_tensor(value) else value == other, name


def test_a_transform_that_leaves_nothing(whole, tmp_path):
    config = config_of(whole, tmp_path, 0)
    config.train_dataloader.dataset.pipeline.insert(
        1, dict(type='PointsRangeFilter', point_cloud_range=[900, 900, 900, 901, 901, 901])
    )
    said = r'sample sample3, sweep .*/3\.bin: PointsRangeFilter leaves no point of the sweep'
    with pytest.raises(InputError, match=said):
        dataset_of(config)[3]


def test_a_fine_tuning_skips_as_well(tmp_path):
    root = tmp_path / 'labelled'
    make_labelled_nuscenes(root, {'scene-a': 3, 'scene-b': 1})
    path = next(iter(sorted(root.glob('lidarseg/*/*.bin'))))
    cut(path)
    options = dict(train_dataloader__dataset__max_bad_samples=1, **NO_VALIDATION)
    checkpoint = train(tiny_segmentor(root, tmp_path / 'work', **options))
    (reason,) = checkpoint['meta']['skipped_samples'].values()
    assert str(path) in reason


def test_validation_leaves_nothing_out(data, tmp_path):
    config = tiny_config(data, tmp_path, val_dataloader__dataset__max_bad_samples=1)
    with pytest.raises(InputError, match=r'val_dataloader\.dataset\.max_bad_samples is 1'):
        build_runner(config)


def test_without_bad_samples_nothing_is_counted(whole, tmp_path):
    train(config_of(whole, tmp_path, 3))
    assert last_checkpoint(tmp_path)['meta']['skipped_samples'] == {}


@pytest.mark.parametrize('wrong', [-1, 1.5, True, 'skip'])
def test_a_limit_that_is_none(data, tmp_path, wrong):
    with pytest.raises(InputError, match='max_bad_samples is a whole number'):
        dataset_of(config_of(data, tmp_path, wrong))
