"""A validation that an interruption cut off is made up on resume, once."""

import json

import pytest
from mmengine.hooks import Hook

from stslidr.running.launch import build_runner
from support.tiny_data import make_tiny_data
from support.tiny_run import forget_runs, tiny_config, train


@pytest.fixture(scope='module')
def data(tmp_path_factory):
    return make_tiny_data(tmp_path_factory.mktemp('data'), num_keyframes=4)


class BreakValidation(Hook):
    """Ends a run within one of its validations, as a kill would."""

    def __init__(self, epoch):
        self.epoch = epoch

    def before_val_iter(self, runner, batch_idx, data_batch=None):
        if runner.epoch == self.epoch:
            raise KeyboardInterrupt


def scores(work_dir):
    """Step -> metrics of all validations that the logs of a work dir have, and how many."""
    found = []
    for path in sorted(work_dir.glob('*/vis_data/scalars.json')):
        for line in path.read_text().splitlines():
            entry = json.loads(line)
            if 'step' in entry and 'pretrain/top1_matching' in entry and 'lr' not in entry:
                found.append((entry['step'], entry['pretrain/top1_matching']))
    return dict(found), len(found)


@pytest.mark.parametrize('cut', [1, 2])
def test_it_is_made_up_with_the_same_score(data, tmp_path, cut):
    train(tiny_config(data, tmp_path / 'whole'))
    expected, number = scores(tmp_path / 'whole')
    assert list(expected) == [1, 2] and number == 2
    forget_runs()
    runner = build_runner(tiny_config(data, tmp_path / 'cut'))
    runner.register_hook(BreakValidation(cut))
    with pytest.raises(KeyboardInterrupt):
        runner.train()
    assert list(scores(tmp_path / 'cut')[0]) == list(range(1, cut))
    for _ in range(2):  # the second time nothing is missing
        again = tiny_config(data, tmp_path / 'cut')
        again.resume = True
        train(again)
        assert scores(tmp_path / 'cut') == (expected, 2)


def test_what_is_not_due_is_not_made_up(data, tmp_path):
    options = dict(train_cfg__val_interval=2, epochs=3)
    train(tiny_config(data, tmp_path, **options))
    assert list(scores(tmp_path)[0]) == [2, 3]
    (tmp_path / 'last_validation').unlink()
    again = tiny_config(data, tmp_path, **options)
    again.load_from, again.resume = str(tmp_path / 'epoch_1.pth'), True
    train(again)
    assert scores(tmp_path)[1] == 4, 'after epoch 2 and 3, and none after 1'


def test_a_new_run_forgets_the_mark(data, tmp_path):
    (tmp_path / 'last_validation').write_text('999')
    train(tiny_config(data, tmp_path, epochs=1))
    assert (tmp_path / 'last_validation').read_text() == '2\n'
