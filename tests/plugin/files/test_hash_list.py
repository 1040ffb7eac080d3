"""Lists of hashes, as sha256sum writes and reads them."""

import shutil
import subprocess

import pytest

from stslidr.errors import InputError, MissingFileError
from stslidr.files.hash_list import read_hashes, write_hashes
from stslidr.files.hashing import hash_file

HASHES = {'b/ä c.bin': 'a' * 64, 'a.bin': '0' * 64}


def test_what_is_written_is_read(tmp_path):
    write_hashes(tmp_path / 'list', HASHES)
    assert read_hashes(tmp_path / 'list') == HASHES
    assert (tmp_path / 'list').read_text().splitlines()[0] == '0' * 64 + '  a.bin'


@pytest.mark.skipif(shutil.which('sha256sum') is None, reason='no sha256sum on this machine')
def test_sha256sum_checks_it(tmp_path):
    (tmp_path / 'file').write_bytes(b'content')
    write_hashes(tmp_path / 'list', {'file': hash_file(tmp_path / 'file')})
    command = ['sha256sum', '-c', 'list']
    assert subprocess.run(command, cwd=tmp_path, capture_output=True).returncode == 0
    (tmp_path / 'file').write_bytes(b'kontent')
    assert subprocess.run(command, cwd=tmp_path, capture_output=True).returncode == 1


@pytest.mark.parametrize(
    'text, said',
    [
        ('0' * 63 + '  a\n', 'line 1'),
        ('0' * 64 + '  a\nnothing\n', 'line 2'),
        ('0' * 64 + '  a', 'cut off'),
        ('0' * 64 + '  \n', 'line 1'),
    ],
)
def test_what_is_no_list(tmp_path, text, said):
    (tmp_path / 'list').write_text(text)
    with pytest.raises(InputError, match=said):
        read_hashes(tmp_path / 'list')


def test_no_list_and_an_empty_one(tmp_path):
    with pytest.raises(MissingFileError):
        read_hashes(tmp_path / 'none')
    (tmp_path / 'empty').touch()
    assert read_hashes(tmp_path / 'empty') == {}
    with pytest.raises(InputError, match='line break'):
        write_hashes(tmp_path / 'list', {'a\nb': '0' * 64})
