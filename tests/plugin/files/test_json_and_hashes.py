"""JSON files and hashes: what is read is what was written, whatever lies there is named."""

import hashlib
import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stslidr.errors import FileAccessError, InputError, MissingFileError
from stslidr.files.hashing import hash_file, hash_settings
from stslidr.files.json_file import read_json, write_json

PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=8,
)


@pytest.fixture(scope='module')
def path(tmp_path_factory):
    return tmp_path_factory.mktemp('json') / 'a.json'


@given(PLAIN)
def test_json_is_read_as_it_was_written(path, content):
    write_json(path, content)
    assert read_json(path) == content
    assert path.read_text().endswith('\n') and [*path.parent.iterdir()] == [path]


@pytest.mark.parametrize('value', [math.nan, math.inf, {'a': [-math.inf]}])
def test_what_json_has_no_word_for_is_refused_and_the_old_file_stays(path, value):
    write_json(path, {'old': 1})
    with pytest.raises(ValueError, match='JSON'):
        write_json(path, value)
    assert read_json(path) == {'old': 1}


@pytest.mark.parametrize('content', [b'', b'{', b'{"a": }', b'\xff\xfe\x00', b'\x80', b'{} x'])
def test_damaged_json_is_named(tmp_path, content):
    (tmp_path / 'bad.json').write_bytes(content)
    with pytest.raises(InputError, match=r'bad\.json is no readable JSON'):
        read_json(tmp_path / 'bad.json')


def test_missing_files_and_folders_are_named(tmp_path):
    with pytest.raises(MissingFileError, match=r'absent\.json does not exist'):
        read_json(tmp_path / 'absent.json')
    for read in (read_json, hash_file):
        with pytest.raises(FileAccessError, match=str(tmp_path)):
            read(tmp_path)


@pytest.mark.parametrize('size', [0, 1, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 3 << 20])
def test_the_hash_of_a_file_in_blocks_is_that_of_all_its_bytes(tmp_path, size):
    content = bytes(range(251)) * (size // 251 + 1)
    (tmp_path / 'a').write_bytes(content[:size])
    assert hash_file(tmp_path / 'a') == hashlib.sha256(content[:size]).hexdigest()


def test_the_hash_of_settings_follows_values_and_not_their_order():
    settings = dict(a=1, b=dict(c=(1, 2), d=None))
    same = dict(b=dict(d=None, c=[1, 2]), a=1)
    assert hash_settings(settings) == hash_settings(same)
    text = json.dumps(same, sort_keys=True)
    assert hash_settings(settings) == hashlib.sha256(text.encode()).hexdigest()
    for other in (dict(a=2), dict(settings, e=1), dict(settings, a='1'), dict(settings, a=True)):
        assert hash_settings(other) != hash_settings(settings)
