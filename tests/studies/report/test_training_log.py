"""Logs of runs: joined after a resume, with a cut-off last line."""

import json

import pytest

from stslidr.errors import InputError
from stslidr_studies.report.training_log import read_log


def write(folder, start, lines, end='\n'):
    path = folder / start / 'vis_data' / 'scalars.json'
    path.parent.mkdir(parents=True)
    path.write_text('\n'.join(json.dumps(line) for line in lines) + end)
    return path


def train_line(step, loss):
    return {'lr': 0.1, 'data_time': 0.01, 'time': 0.2, 'loss': loss, 'iter': step, 'step': step}


def test_a_resumed_run_is_joined_and_the_later_counts(tmp_path):
    write(tmp_path, '20260101_120000', [train_line(1, 5.0), train_line(2, 4.0), train_line(3, 3.5)])
    write(tmp_path, '20260101_130000', [train_line(3, 3.0), train_line(4, 2.0)])
    assert read_log(tmp_path).curve('loss') == ([1, 2, 3, 4], [5.0, 4.0, 3.0, 2.0])


def test_validations_are_kept_apart(tmp_path):
    write(
        tmp_path,
        '20260101_120000',
        [train_line(1, 5.0), {'seg/miou': 0.25, 'data_time': 0.01, 'time': 0.1, 'step': 1}],
    )
    log = read_log(tmp_path)
    assert log.curve('loss') == ([1], [5.0])
    assert log.curve('top1_matching') == ([], [])
    assert log.validation[1]['seg/miou'] == 0.25


def test_a_last_line_that_a_kill_cut_off_is_left_out(tmp_path):
    path = write(tmp_path, '20260101_120000', [train_line(1, 5.0)])
    path.write_text(path.read_text() + '{"lr": 0.1, "los')
    assert read_log(tmp_path).curve('loss') == ([1], [5.0])


@pytest.mark.parametrize('line', ['{"lr": 0.1, "los', '{"loss": 1.0}', '[1]'])
def test_a_damaged_line_in_the_middle_is_named(tmp_path, line):
    path = write(tmp_path, '20260101_120000', [train_line(1, 5.0)])
    path.write_text(f'{line}\n{path.read_text()}')
    with pytest.raises(ValueError, match=r'scalars.json, line 1 '):
        read_log(tmp_path)


def test_no_log_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError, match=str(tmp_path)):
        read_log(tmp_path)


def test_a_log_that_is_a_link_to_elsewhere_is_refused(tmp_path):
    secret = tmp_path / 'secret'
    secret.write_text(json.dumps(train_line(1, 5.0)) + '\n')
    path = write(tmp_path / 'work', '20260101_120000', [])
    path.unlink()
    path.symlink_to(secret)
    with pytest.raises(InputError, match=r'scalars\.json is a link to .*secret, outside of'):
        read_log(tmp_path / 'work')


@pytest.mark.parametrize('content', [b'\xff\xfe\n{}\n', b'[' * 200_000 + b'\n{}\n', b'3\n{}\n'])
def test_what_is_no_log_is_named(tmp_path, content):
    path = write(tmp_path, '20260101_120000', [])
    path.write_bytes(content)
    with pytest.raises(InputError, match=r'scalars\.json.* is no (line of a )?log'):
        read_log(tmp_path)
