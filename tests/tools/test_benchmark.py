"""tools/benchmark.py: parts beside the published formulation; an iteration by its parts."""

import json
import os
import re
from dataclasses import replace

import pytest
import torch

import stslidr.plugin  # noqa: F401
from stslidr.tooling.processes import THREAD_VARIABLES
from stslidr_studies.benchmark import parts
from stslidr_studies.benchmark.parts import PLACES, find_part
from stslidr_studies.step_timing.step_timer import PARTS
from stslidr_studies.tools.benchmark import PARTS as NAMES
from support.tiny_run import tiny_config
from support.tools import assert_mistake, call, status_of


@pytest.fixture(autouse=True)
def threads_of_others(monkeypatch):
    """The tool sets the threads of its process: here they are put back."""
    for name in THREAD_VARIABLES:
        monkeypatch.setenv(name, os.environ.get(name, '1'))
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


@pytest.fixture
def config(tiny_data, tmp_path):
    """A pretraining of the tiny data."""
    tiny_config(tiny_data, tmp_path / 'work').dump(tmp_path / 'pretrain.py')
    return tmp_path / 'pretrain.py'


def test_every_part_has_a_row_and_they_add_up(config, capsys):
    call('benchmark.py', 'step', '--config', config, '--rounds', 2)
    printed = capsys.readouterr()
    assert 'iteration 2 of 2' in printed.err
    said = printed.out.replace('**', '')
    assert re.search(
        r'1 threads, 2 iterations, medians\n\n\| part \| seconds \|\n\| -- \| -- \|', said
    )
    rows = re.findall(r'^\| ([a-z_ ]+) \| (-?\d+\.\d\d) \|$', said, re.MULTILINE)
    seconds = {name: float(value) for name, value in rows}
    expected = {*PARTS, 'loading a keyframe', 'pooling', 'backward', 'update', 'whole iteration'}
    assert seconds.keys() >= expected
    assert all(value >= -0.01 for value in seconds.values())
    parts = sum(seconds[name] for name in expected - {'whole iteration'})
    assert seconds['whole iteration'] > 0 and parts <= 2 * seconds['whole iteration'] + 1


@pytest.mark.parametrize(
    ('options', 'says'),
    [
        (('--data-root', '/absent'), 'info file /absent/.* does not exist'),
        (('--cfg-options', 'model.criterion.temprature=1'), 'model.criterion: '),
        (('--cfg-options', 'model.criterion.temperature=-1'), 'temperature must be above 0'),
        (('--cfg-options', 'model.image_encoder.weights=none'), "weights 'none' are unknown"),
    ],
)
def test_mistakes(config, capsys, options, says):
    assert_mistake(capsys, says, 'benchmark.py', 'step', '--config', config, *options)


@pytest.mark.parametrize(
    ('options', 'says'),
    [
        (('step',), 'step and --config go together'),
        (('loss', '--config', 'a.py'), 'step and --config go together'),
        (('step', 'loss', '--config', 'a.py'), 'step goes with no other part'),
        (('los',), "'los' is no part; there are loss, "),
        (('loss', '--rounds', '0'), '--rounds'),
        (('--device', 'tpu'), 'invalid choice'),
    ],
)
def test_usage(capsys, options, says):
    assert status_of('benchmark.py', *options) == 2
    assert says in capsys.readouterr().err


def test_names_of_parts_are_those_there_are():
    assert PLACES.keys() == set(NAMES)
    assert [find_part(name).name for name in NAMES] == list(NAMES)


def test_a_quick_run_writes_page_and_numbers(tmp_path, capsys, monkeypatch):
    tiny = replace(find_part('pairing'), size=500, growth=(250, 500))
    monkeypatch.setattr(parts, 'find_part', lambda name: tiny)
    page, numbers = tmp_path / 'page.md', tmp_path / 'numbers.json'
    call('benchmark.py', 'pairing', '--rounds', 2, '--json', numbers, '--page', page)
    text = page.read_text()
    assert text in capsys.readouterr().out
    assert 'python tools/benchmark.py pairing --rounds 2 --json ' in text
    assert re.search(r'500 points \| .* s \| .* s \| \*\*.*x\*\* .*\| pairs 0.0e\+00 \|', text)
    assert '## Growth: pairing' in text and '| 250 |' in text
    stored = json.loads(numbers.read_text())['parts']['pairing']
    assert len(stored['seconds']['ours']) == 2 and stored['differences'] == {'pairs': 0.0}
    assert stored['mebibytes'].keys() == {'ours', 'published'}


@pytest.mark.skipif(torch.cuda.is_available(), reason='there is a CUDA device')
def test_no_device(capsys):
    assert_mistake(
        capsys, '--device cuda: there is no CUDA device', 'benchmark.py', 'loss', '--device', 'cuda'
    )
