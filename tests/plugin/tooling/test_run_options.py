"""Options are read as texts, without loading what they are for."""

import pytest

from stslidr.tooling.run_options import runner_parser


def test_options_of_configs_stay_texts_and_add_up():
    words = ['a.py', '--cfg-options', 'a=1', 'b=2', '--launcher', 'none', '--cfg-options', 'a=3']
    assert runner_parser('a tool').parse_args(words).cfg_options == ['a=1', 'b=2', 'a=3']


def test_an_unknown_launcher_is_usage(capsys):
    with pytest.raises(SystemExit, match='2'):
        runner_parser('a tool').parse_args(['a.py', '--launcher', 'rocket'])
    assert "invalid choice: 'rocket'" in capsys.readouterr().err
