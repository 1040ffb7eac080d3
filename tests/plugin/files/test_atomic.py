"""A reader sees the old file or the whole new one, whatever happens to the writer."""

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from stslidr.errors import FileAccessError
from stslidr.files import atomic
from stslidr.files.atomic import check_can_write, write_atomically, write_bytes

PACKAGE_ROOT = Path(atomic.__file__).parents[2]


def test_content_and_folder(tmp_path):
    path = tmp_path / 'made' / 'here' / 'map.png'
    write_bytes(path, b'new')
    assert path.read_bytes() == b'new'
    assert os.listdir(path.parent) == ['map.png']


def test_old_content_stays_until_the_block_ends(tmp_path):
    path = tmp_path / 'infos.pkl'
    path.write_bytes(b'old')
    with write_atomically(path) as partial:
        assert partial.parent == tmp_path
        partial.write_bytes(b'new')
        assert path.read_bytes() == b'old'
    assert path.read_bytes() == b'new'


@pytest.mark.parametrize('error', [RuntimeError, KeyboardInterrupt])
def test_failure_leaves_the_old_file_and_no_other(tmp_path, error):
    path = tmp_path / 'infos.pkl'
    path.write_bytes(b'old')
    with pytest.raises(error), write_atomically(path) as partial:
        partial.write_bytes(b'half')
        raise error
    assert path.read_bytes() == b'old'
    assert os.listdir(tmp_path) == ['infos.pkl']


def test_block_that_writes_nothing_is_an_error(tmp_path):
    with (
        pytest.raises(FileNotFoundError, match='infos.pkl'),
        write_atomically(tmp_path / 'infos.pkl'),
    ):
        pass
    assert os.listdir(tmp_path) == []


@pytest.fixture
def full_disk(monkeypatch):
    """A disk on which `os.fsync` finds no more room, without naming a file."""

    def fail(descriptor):
        raise OSError(errno.ENOSPC, 'No space left on device')

    monkeypatch.setattr(os, 'fsync', fail)


def test_a_full_disk_at_the_end(tmp_path, full_disk):
    with pytest.raises(OSError, match=rf"No space left on device: '{tmp_path}/map\.png'$"):
        write_bytes(tmp_path / 'map.png', b'new')
    assert os.listdir(tmp_path) == []


def test_a_full_disk_in_the_middle_of_a_write(tmp_path):
    """/dev/full takes no byte; the error of a write to it names no file."""
    with (
        pytest.raises(OSError, match=rf"No space left .*: '{tmp_path}/a\.pkl'$") as raised,
        write_atomically(tmp_path / 'a.pkl') as partial,
    ):
        partial.write_bytes(b'half')
        with open('/dev/full', 'wb', buffering=0) as stream:
            stream.write(b'rest')
    assert raised.value.errno == errno.ENOSPC
    assert os.listdir(tmp_path) == []


def test_a_full_disk_as_numpy_reports_it(tmp_path):
    """Its error has no number: 100 requested and 0 written."""
    with (
        pytest.raises(OSError, match=rf'{tmp_path}/a\.bin cannot be written: 2000 requested'),
        write_atomically(tmp_path / 'a.bin'),
        open('/dev/full', 'wb', buffering=0) as stream,
    ):
        np.zeros(2000).tofile(stream)
    assert os.listdir(tmp_path) == []


def test_a_folder_that_cannot_be_written(tmp_path):
    (tmp_path / 'file').touch()
    with pytest.raises(OSError, match=rf"'{tmp_path}/file'$"):
        write_bytes(tmp_path / 'file' / 'map.png', b'new')
    with pytest.raises(OSError, match=r"'/proc/map\.png'$"):
        write_bytes('/proc/map.png', b'new')


def test_an_error_about_another_file_goes_through(tmp_path):
    with (
        pytest.raises(FileNotFoundError, match=rf"'{tmp_path}/source'$"),
        write_atomically(tmp_path / 'a.pkl') as partial,
    ):
        partial.write_bytes((tmp_path / 'source').read_bytes())
    assert os.listdir(tmp_path) == []


def test_killed_writer_leaves_the_old_file_and_the_next_write_cleans_up(tmp_path):
    path = tmp_path / 'map.png'
    path.write_bytes(b'old')
    script = (
        'import os, signal, sys\n'
        'from stslidr.files.atomic import write_atomically\n'
        'with write_atomically(sys.argv[1]) as partial:\n'
        '    partial.write_bytes(b"half of a longer file")\n'
        '    os.kill(os.getpid(), signal.SIGKILL)\n'
    )
    ended = subprocess.run(
        [sys.executable, '-c', script, str(path)],
        env={**os.environ, 'PYTHONPATH': str(PACKAGE_ROOT)},
        check=False,
    )
    assert ended.returncode == -signal.SIGKILL
    assert path.read_bytes() == b'old'
    assert list(tmp_path.glob('*.png')) == [path], 'what is left behind must not look like a map'
    write_bytes(path, b'new')
    assert path.read_bytes() == b'new'
    assert os.listdir(tmp_path) == ['map.png']


def test_content_is_on_disk_before_the_rename(tmp_path, monkeypatch):
    calls = []
    fsync, replace = os.fsync, os.replace
    monkeypatch.setattr(os, 'fsync', lambda file: (calls.append('fsync'), fsync(file)))
    monkeypatch.setattr(os, 'replace', lambda *paths: (calls.append('rename'), replace(*paths)))
    write_bytes(tmp_path / 'map.png', b'new')
    assert calls == ['fsync', 'rename', 'fsync']  # the file, then its folder's entry


def test_permissions_follow_the_umask(tmp_path):
    previous = os.umask(0o027)
    try:
        write_bytes(tmp_path / 'map.png', b'new')
    finally:
        os.umask(previous)
    assert (tmp_path / 'map.png').stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize('kind', ['fifo', 'link to a device'])
@pytest.mark.parametrize('write', [check_can_write, lambda path: write_bytes(path, b'x')])
def test_what_is_no_ordinary_file_is_not_replaced(tmp_path, kind, write):
    path = tmp_path / 'special'
    if kind == 'fifo':
        os.mkfifo(path)
    else:
        path.symlink_to('/dev/null')
    with pytest.raises(FileAccessError, match='special cannot be written: it is no ordinary file'):
        write(path)
    assert [each.name for each in tmp_path.iterdir()] == ['special'] and not path.is_file()
