"""What goes to the log file alone, and what a person sees."""

import io
import logging

import pytest

from stslidr.running.short_console import FILE_ONLY, MISMATCH, keep_off_console

TEXTS = {
    'environment': '\n' + '-' * 60 + '\nSystem environment:\n    sys.platform: linux\n',
    'config': 'Config:\nmodel = dict()\n',
    'hooks': 'Hooks will be executed in the following order:\nbefore_run:\n',
    'sync_bn': 'Distributed training is not used, all SyncBatchNorm (SyncBN) layers in the model',
}


@pytest.fixture
def logger(tmp_path):
    logger = logging.Logger('tried', logging.DEBUG)
    logger.addHandler(logging.StreamHandler(io.StringIO()))
    logger.addHandler(logging.FileHandler(tmp_path / 'run.log'))
    for handler in logger.handlers:
        handler.setLevel(logging.INFO)
    return logger


def seen(logger):
    """What the terminal got, and what the file got."""
    terminal, file = logger.handlers
    with open(file.baseFilename) as opened:
        return terminal.stream.getvalue(), opened.read()


@pytest.mark.parametrize('name', TEXTS)
def test_a_start_is_in_the_file_alone(logger, name):
    keep_off_console(logger, *FILE_ONLY)
    logger.info(TEXTS[name])
    logger.info('Epoch(train) [1][10/60]')
    terminal, file = seen(logger)
    assert terminal == 'Epoch(train) [1][10/60]\n'
    assert file == TEXTS[name] + '\nEpoch(train) [1][10/60]\n'


def test_a_text_that_only_mentions_one_is_shown(logger):
    keep_off_console(logger, *FILE_ONLY)
    logger.warning('unknown key in Config:\nmodel')
    assert seen(logger)[0] == 'unknown key in Config:\nmodel\n'


def test_further_beginnings_are_added(logger):
    keep_off_console(logger, *FILE_ONLY)
    logger.warning(f'{MISMATCH}\n\nunexpected key: a')
    keep_off_console(logger, MISMATCH)
    logger.warning(f'{MISMATCH}\n\nunexpected key: b')
    logger.info(TEXTS['config'])
    terminal, file = seen(logger)
    assert 'key: a' in terminal and 'key: b' not in terminal and 'Config' not in terminal
    assert 'key: a' in file and 'key: b' in file and 'Config' in file


def test_at_debug_the_terminal_gets_all(logger):
    logger.handlers[0].setLevel(logging.DEBUG)
    keep_off_console(logger, *FILE_ONLY)
    logger.info(TEXTS['config'])
    assert seen(logger)[0] == TEXTS['config'] + '\n'
