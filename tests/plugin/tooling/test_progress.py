"""Progress is drawn while results pass, seldom into a log file."""

import sys

import pytest

from stslidr.tooling import progress


def test_results_are_passed_on_one_by_one():
    """A bar that collected first would hold all results in memory."""
    made = []

    def results():
        for number in range(4):
            made.append(number)
            yield number

    shown = progress.show_progress(results(), 4, 0, 'numbers')
    assert next(shown) == 0 and made == [0]
    assert list(shown) == [1, 2, 3]


@pytest.mark.parametrize(('terminal', 'seconds'), [(True, 0.2), (False, 30.0)])
def test_a_log_file_is_not_filled_with_bars(monkeypatch, terminal, seconds):
    settings = {}
    bar = progress.tqdm

    def note(**given):
        settings.update(given)
        return bar(**given)

    monkeypatch.setattr(progress, 'tqdm', note)
    monkeypatch.setattr(sys.stderr, 'isatty', lambda: terminal, raising=False)
    assert list(progress.show_progress(iter([1]), 3, 2, 'maps')) == [1]
    assert settings == dict(total=3, initial=2, desc='maps', mininterval=seconds)


def test_an_error_between_results_goes_through(capsys):
    def results():
        yield 1
        raise ZeroDivisionError('in the second')

    with pytest.raises(ZeroDivisionError, match='in the second'):
        list(progress.show_progress(results(), 2, 0, 'numbers'))
    assert '1/2' in capsys.readouterr().err
