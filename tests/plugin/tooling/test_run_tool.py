"""How tools end."""

import pytest

from stslidr.tooling.run_tool import run_tool


def run(error=None):
    def main():
        if error is not None:
            raise error

    with pytest.raises(SystemExit) as end:
        run_tool(main)
    return end.value.code


def test_success():
    assert run() == 0


@pytest.mark.parametrize(
    'error',
    [
        ValueError('bad\n  value'),
        FileNotFoundError('bad value'),
        OSError('bad value'),
        type('OwnError', (ValueError,), {})('bad value'),
    ],
)
def test_user_error_is_one_line(capsys, error):
    assert run(error) == 1
    assert capsys.readouterr().err == 'error: bad value\n'


def test_interrupt(capsys):
    assert run(KeyboardInterrupt()) == 130
    assert 'Traceback' not in capsys.readouterr().err


@pytest.mark.parametrize('error', [KeyError, TypeError, RuntimeError, AssertionError])
def test_bug_keeps_its_traceback(error):
    with pytest.raises(error):
        run_tool(lambda: (_ for _ in ()).throw(error()))
