"""The tool as a user runs it: killed, interrupted, started twice, and with failures."""

import json
import os
import signal
import time

import pytest

from support.commands import ROOT, run
from support.fake_checkout import NUM_CELLS, FakeCheckout


@pytest.fixture
def checkout(tmp_path):
    """A fake checkout with a study of one seed."""
    made = FakeCheckout(tmp_path / 'checkout')
    made.change('study.yaml', 'seeds: [0, 1]', 'seeds: [0]')
    return made


def wait_until(condition, process):
    deadline = time.monotonic() + 600
    while not condition():
        assert time.monotonic() < deadline and process.poll() is None, process.communicate()[0]
        time.sleep(0.01)


def in_progress(checkout):
    """Whether a pretraining is finished, and a task of it has an epoch and not all of them."""
    folder = checkout.out / 'runs/good/seed0'
    trace = folder / 'probe/epochs'
    return trace.exists() and 1 <= len(trace.read_text().splitlines()) < 3


def wait_for_end(process):
    """Wait until nobody holds the pipe: the tool and all that it started are gone."""
    return process.communicate(timeout=60)[0]


@pytest.mark.parametrize('how', ['parent killed', 'all killed', 'Ctrl-C', 'terminated'])
def test_interrupted_and_started_again_gives_one_whole_run(checkout, how):
    process = checkout.start('--processes', '2', FAKE_SECONDS='0.6')
    wait_until(lambda: in_progress(checkout), process)
    number = {'Ctrl-C': signal.SIGINT, 'terminated': signal.SIGTERM}.get(how, signal.SIGKILL)
    (os.killpg if how in ('all killed', 'Ctrl-C') else os.kill)(process.pid, number)
    output = checkout.run('--processes', '2')  # at once: it waits for what the first has left
    wait_for_end(process)
    assert process.returncode == (-signal.SIGKILL if number == signal.SIGKILL else 130)
    traces = checkout.files('runs/*/*/*/epochs')
    assert len(traces) == NUM_CELLS / 2
    for name, trace in traces.items():
        lines = [line.split() for line in trace.decode().splitlines()]
        assert [int(epoch) for epoch, _ in lines] == [1, 2, 3], (name, 'no epoch is run twice')
        assert [moment for _, moment in lines] == sorted(moment for _, moment in lines)
    assert 'started good seed 0 pretrain' not in output
    assert json.loads((checkout.out / 'results.json').read_text())['complete']
    assert not list(checkout.out.glob('**/.*.partial'))


def test_a_second_start_beside_the_first_is_refused(checkout):
    process = checkout.start('--processes', '1', FAKE_SECONDS='60')
    wait_until(lambda: (checkout.out / 'runs').exists(), process)
    said = checkout.run(expect=1)
    assert f'error: results folder out is in use: process {process.pid}' in said
    process.terminate()
    assert 'interrupted' in wait_for_end(process)


def test_a_failed_cell_gives_status_1_and_a_table_with_a_gap(checkout):
    said = checkout.run(expect=1, FAKE_FAILURE='good/seed0/one')
    assert '| Good |' in said and 'error: 1 cells failed: good seed 0 one' in said
    assert '| good | 0 | one | unfinished |' in said
    assert 'FAILED good seed 0 one' in said and 'ETA' in said


def test_bad_input_is_one_line(checkout):
    checkout.change('study.yaml', 'configs/one.py', 'configs/none.py')
    said = checkout.run(expect=1)
    assert (
        said == 'error: study study.yaml: tasks.one.config: config configs/none.py does not exist\n'
    )
    assert not checkout.out.exists()


def test_the_published_study_lists_its_commands():
    said = run(
        ROOT / 'tools/run_experiment.py',
        'studies/published.yaml',
        '--out',
        'nowhere',
        '--dry-run',
        cwd=ROOT,
    )
    lines = said.splitlines()
    assert len(lines) == 3 * (2 * 2 + 8 * (1 + 2 * 2)) and not (ROOT / 'nowhere').exists()
    pretrain, probe, test = (
        [
            line
            for line in lines
            if f'nowhere/runs/stslidr_swav/seed2023/{step}' in line and f'dist_{tool}.sh' in line
        ]
        for step, tool in (('pretrain ', 'train'), ('linear_probe ', 'train'), ('', 'test'))
    )
    assert len(pretrain) == len(probe) == 1 and len(test) == 2
    assert 'configs/stslidr_swav.py 2 ' in pretrain[0] and '--no-validate' in pretrain[0]
    assert 'load_from=nowhere/runs/stslidr_swav/seed2023/pretrain/epoch_50.pth' in probe[0]
