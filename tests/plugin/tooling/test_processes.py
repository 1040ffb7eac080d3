"""Shards, usable CPUs, and tasks in parallel processes."""

import os

import pytest

from stslidr.errors import InputError, WorkerDiedError
from stslidr.tooling import processes
from stslidr.tooling.processes import parse_shard, run_parallel, usable_cpus
from stslidr.tooling.progress import show_progress


@pytest.mark.parametrize('count', [1, 2, 5])
def test_shards_counted_from_0_or_from_1_cover_all_once(count):
    zero = {parse_shard(f'{i}/{count}') for i in range(count)}
    one = {parse_shard(f'{i}/{count}') for i in range(1, count + 1)}
    assert zero == one == {(i, count) for i in range(count)}


@pytest.mark.parametrize('text', ['', '1', 'a/b', '1/', '/2', '-1/2', '1/0', '0/0', '3/2', '1/2/3'])
def test_what_is_no_shard(text):
    with pytest.raises(InputError, match='shard'):
        parse_shard(text)


@pytest.mark.parametrize(
    ('quota', 'expected'),
    [('max 100000', 8), ('300000 100000', 3), ('50000 100000', 1), ('9900000 100000', 8)],
)
def test_a_containers_quota_limits_the_cpus(tmp_path, monkeypatch, quota, expected):
    (tmp_path / 'cpu.max').write_text(f'{quota}\n')
    monkeypatch.setattr(os, 'sched_getaffinity', lambda process: set(range(8)))
    monkeypatch.setattr(processes, 'CPU_QUOTA', tmp_path / 'cpu.max')
    assert usable_cpus() == expected
    monkeypatch.setattr(processes, 'CPU_QUOTA', tmp_path / 'absent')
    assert usable_cpus() == 8


def square(number):
    assert os.environ['OMP_NUM_THREADS'] == '1'
    if number == 13:
        raise InputError('thirteen')
    if number == 14:
        os._exit(9)
    return number**2


def test_all_results_come_and_the_environment_is_put_back(monkeypatch):
    monkeypatch.setenv('OMP_NUM_THREADS', '7')
    assert sorted(run_parallel(square, range(7), 2)) == [n**2 for n in range(7)]
    assert os.environ['OMP_NUM_THREADS'] == '7'
    assert list(run_parallel(square, [], 2)) == []


def test_a_mistake_and_a_death_in_a_worker():
    with pytest.raises(InputError, match='^thirteen$'):
        list(run_parallel(square, [1, 13], 1))
    with pytest.raises(WorkerDiedError, match=r'while it was on one of .*14'):
        list(run_parallel(square, [14], 1))


def test_progress_passes_results_on_and_counts_those_of_earlier_runs(capsys):
    assert list(show_progress(iter('abc'), 5, 2, 'letters')) == ['a', 'b', 'c']
    said = capsys.readouterr().err
    assert 'letters' in said and '5/5' in said
