"""The text of a config is that of mmengine, and laid out once."""

import copy

import pytest
from mmengine.config import Config

from stslidr.running import printed_config
from stslidr.running.printed_config import PrintedConfig
from support.tiny_run import CONFIGS

NAMES = ('stslidr_dino', 'linear_probe_nuscenes', 'finetune_1pct_semantickitti')


@pytest.fixture(autouse=True)
def nothing_kept(monkeypatch):
    monkeypatch.setattr(printed_config, '_laid_out', {})


@pytest.mark.parametrize('name', NAMES)
def test_the_text_is_that_of_mmengine(name, tmp_path):
    config = Config.fromfile(CONFIGS / f'{name}.py', import_custom_modules=False)
    printed = PrintedConfig.of(config)
    assert printed.pretty_text == config.pretty_text
    config.dump(tmp_path / 'theirs.py')
    printed.dump(tmp_path / 'ours.py')
    assert (tmp_path / 'ours.py').read_text() == (tmp_path / 'theirs.py').read_text()
    assert printed.to_dict() == config.to_dict() and printed.filename == config.filename


def test_it_is_laid_out_once_until_it_changes(monkeypatch):
    calls = []
    lay_out = printed_config.Config.pretty_text.fget.__globals__['FormatCode']
    monkeypatch.setitem(
        printed_config.Config.pretty_text.fget.__globals__,
        'FormatCode',
        lambda text, **style: calls.append(text) or lay_out(text, **style),
    )
    config = PrintedConfig.of(Config(dict(model=dict(a=1, b=[1, 2]))))
    first = [config.pretty_text, copy.deepcopy(config).pretty_text, config.copy().pretty_text]
    assert len(calls) == 1 and len(set(first)) == 1
    config.model.a = 2
    assert 'a=2' in config.pretty_text and len(calls) == 2
    config.model.a = 1
    assert config.pretty_text == first[0] and len(calls) == 2


def test_a_copy_of_it_is_one_and_the_first_stays_as_it_was():
    config = Config(dict(model=dict(a=1)))
    printed = PrintedConfig.of(config)
    printed.model.a = 2
    assert type(config) is Config and config.model.a == 1
    assert type(copy.deepcopy(printed)) is PrintedConfig
    assert '__class__' not in printed.to_dict()


def test_a_text_that_is_not_to_be_laid_out():
    config = Config(dict(a=1), format_python_code=False)
    assert PrintedConfig.of(config).pretty_text == config.pretty_text == 'a=1'


def test_few_texts_are_kept():
    for number in range(2 * printed_config.KEPT):
        assert PrintedConfig.of(Config(dict(a=number))).pretty_text == f'a = {number}\n'
    assert len(printed_config._laid_out) <= printed_config.KEPT
