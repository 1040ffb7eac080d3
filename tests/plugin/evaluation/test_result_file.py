"""Result files: what they say of a run, and which runs may share one."""

import hashlib
import json

import pytest
import torch
from mmengine.config import Config

from stslidr.checkpoints.checkpoint import Checkpoint
from stslidr.evaluation import result_file as results


@pytest.fixture
def config():
    return Config(
        dict(
            model=dict(type='M', width=3),
            test_cfg=dict(type='L'),
            test_evaluator=dict(type='E'),
            tta_model=dict(type='T'),
            work_dir='here',
            test_dataloader=dict(
                batch_size=2,
                num_workers=4,
                dataset=dict(
                    type='D', ann_file='infos.pkl', pipeline=[dict(type='P', size=(1, 2))]
                ),
            ),
        ),
        filename='configs/some.py',
        cfg_text='the text of that file',
    )


@pytest.fixture
def checkpoint(tmp_path):
    path = tmp_path / 'weights.pth'
    meta = dict(dataset_meta=dict(label_split='1pct', label_split_sha256='ab' * 32))
    torch.save(dict(state_dict={}, meta=meta), path)
    return path


def test_a_result_says_where_it_comes_from(config, checkpoint):
    origin = results.describe_run(config, Checkpoint.read(checkpoint), tta=False)
    assert origin['checkpoint_sha256'] == hashlib.sha256(checkpoint.read_bytes()).hexdigest()
    assert (origin['config'], origin['checkpoint']) == ('configs/some.py', str(checkpoint))
    assert (origin['label_split'], origin['label_split_sha256']) == ('1pct', 'ab' * 32)
    assert (origin['dataset'], origin['ann_file']) == ('D', 'infos.pkl')
    assert origin['test_time_augmentation'] is False
    torch.save(dict(state_dict={}), checkpoint)
    assert (
        results.describe_run(config, Checkpoint.read(checkpoint), tta=False)['label_split'] is None
    )


def hash_of(config, tta=False):
    return results.hash_settings(results.score_settings(config, tta))


def test_the_hash_follows_what_scores_follow_from(config):
    before = hash_of(config)
    config.work_dir, config.test_dataloader.num_workers = 'there', 0
    assert hash_of(config) == before
    assert hash_of(config, tta=True) != before
    for change in (
        dict(model__width=4),
        dict(test_dataloader__batch_size=3),
        dict(test_dataloader__dataset__ann_file='other.pkl'),
        dict(test_evaluator__type='F'),
    ):
        other = Config(config.to_dict())
        other.merge_from_dict({key.replace('__', '.'): value for key, value in change.items()})
        assert hash_of(other) != before, change


def test_a_result_is_read_as_it_was_written(config, checkpoint, tmp_path):
    origin = results.describe_run(config, Checkpoint.read(checkpoint), tta=True)
    path = tmp_path / 'folder' / 'result.json'
    results.write_result(path, {**origin, 'metrics': {'miou': 1 / 3}})
    assert results.read_result(path) == {**origin, 'metrics': {'miou': 1 / 3}}
    assert list(path.parent.iterdir()) == [path]
    with pytest.raises(ValueError, match='JSON'):
        results.write_result(path, {'miou': float('nan')})
    assert results.read_result(path)['metrics'] == {'miou': 1 / 3}, 'the old one stays'


def test_other_files_are_refused_by_name(tmp_path):
    with pytest.raises(FileNotFoundError, match=r'absent\.json'):
        results.read_result(tmp_path / 'absent.json')
    for content, said in (
        ('{', r'a\.json is no readable JSON'),
        ('[]', r'a\.json is no result'),
        (json.dumps({'config_sha256': ''}), r'a\.json is no result'),
    ):
        (tmp_path / 'a.json').write_text(content)
        with pytest.raises(ValueError, match=said):
            results.read_result(tmp_path / 'a.json')


@pytest.mark.parametrize('key', results.SAME)
def test_results_of_different_runs_do_not_mix(config, checkpoint, key):
    origin = results.describe_run(config, Checkpoint.read(checkpoint), tta=False)
    results.check_same_run('r.json', origin, dict(origin))
    with pytest.raises(ValueError, match=rf'r\.json .* {key} other, this run has {origin[key]}'):
        results.check_same_run('r.json', {**origin, key: 'other'}, origin)
