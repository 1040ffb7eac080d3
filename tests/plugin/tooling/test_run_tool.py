"""How tools end."""

import errno
import os

import pytest
from torch.utils.data import DataLoader

from stslidr import errors
from stslidr.tooling.run_tool import FAULT_OF_OURS, INTERRUPTED, USERS_MISTAKE, run_tool

KINDS = [
    errors.UserError,
    errors.InputError,
    errors.MissingFileError,
    errors.FileAccessError,
    errors.UnknownKeyError,
    errors.WorkerDiedError,
]


def run(error=None):
    def main():
        if error is not None:
            raise error

    with pytest.raises(SystemExit) as end:
        run_tool(main)
    return end.value.code


def test_success():
    assert run() == 0


@pytest.mark.parametrize('kind', KINDS, ids=lambda kind: kind.__name__)
def test_a_users_mistake_is_one_line(capsys, kind):
    assert run(kind('bad\n  value')) == USERS_MISTAKE == 1
    assert capsys.readouterr().err == 'error: bad value\n'


def test_a_file_that_cannot_be_written_is_named(capsys):
    assert run(errors.FileAccessError(errno.ENOSPC, 'No space left', '/data/x')) == USERS_MISTAKE
    said = capsys.readouterr().err
    assert said.startswith('error: ') and '/data/x' in said and said.count('\n') == 1


@pytest.mark.parametrize('number', ['ENAMETOOLONG', 'EACCES', 'ENOSPC', 'EROFS', 'ELOOP'])
def test_what_the_system_says_of_a_users_file_is_one_line(capsys, number):
    code = getattr(errno, number)
    assert run(OSError(code, os.strerror(code), '/data/x')) == USERS_MISTAKE
    said = capsys.readouterr().err
    assert said == f"error: [Errno {code}] {os.strerror(code)}: '/data/x'\n"


@pytest.mark.parametrize('number', ['ENOENT', 'EISDIR', 'EBADF', 'EINVAL'])
def test_other_errors_of_the_system_are_faults_of_ours(capsys, number):
    code = getattr(errno, number)
    assert run(OSError(code, os.strerror(code), '/data/x')) == FAULT_OF_OURS
    assert capsys.readouterr().err.startswith('Traceback')


def test_interrupt(capsys):
    assert run(KeyboardInterrupt()) == INTERRUPTED == 130
    assert 'Traceback' not in capsys.readouterr().err


@pytest.mark.parametrize(
    'error',
    [KeyError, TypeError, RuntimeError, AssertionError, ValueError, OSError, FileNotFoundError],
)
def test_a_fault_of_ours_keeps_its_traceback(capsys, error):
    assert run(error('too many values to unpack')) == FAULT_OF_OURS == 70
    said = capsys.readouterr().err
    assert said.startswith('Traceback') and 'too many values to unpack' in said
    assert 'error: ' not in said.splitlines()[0]


class BadFiles:
    """A data set whose every file is damaged."""

    def __len__(self):
        return 2

    def __getitem__(self, index):
        raise errors.InputError(f'sweep {index}.bin has 7 bytes:\n  it is truncated')


def test_a_mistake_met_in_a_loaders_worker_is_one_line_too(capsys):
    def main():
        next(iter(DataLoader(BadFiles(), num_workers=1)))

    with pytest.raises(SystemExit) as end:
        run_tool(main)
    assert end.value.code == USERS_MISTAKE
    assert capsys.readouterr().err == 'error: sweep 0.bin has 7 bytes: it is truncated\n'


def test_callers_of_the_library_catch_the_usual_types():
    for kind, usual in zip(
        KINDS[1:],
        (ValueError, FileNotFoundError, OSError, KeyError, ChildProcessError),
        strict=True,
    ):
        assert issubclass(kind, usual) and issubclass(kind, errors.UserError)
