"""Others' warnings that no user can mend are not shown; all else is."""

import logging
import warnings

import pytest

from stslidr.tooling.others_warnings import SILENCED_LOGGERS, silence_others


def warn_in(module, text):
    exec('warn(text, UserWarning)', {'__name__': module, 'warn': warnings.warn, 'text': text})


@pytest.fixture
def caught():
    levels = {name: logging.getLogger(name).level for name in SILENCED_LOGGERS}
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter('always')
        silence_others()
        yield caught
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


def test_what_a_user_cannot_mend_is_silent(caught):
    warn_in('mmdet3d.apis.inference', "Don't suggest using CPU device, because some functions")
    assert caught == []


@pytest.mark.parametrize(
    'module, text',
    [('mmdet3d.apis.inference', 'another'), ('stslidr.files', "Don't suggest using CPU device")],
)
def test_all_else_is_shown(caught, module, text):
    warn_in(module, text)
    assert len(caught) == 1


def test_loggers_keep_their_errors(caught):
    for name in SILENCED_LOGGERS:
        assert not logging.getLogger(name).isEnabledFor(logging.WARNING)
        assert logging.getLogger(name).isEnabledFor(logging.ERROR)
