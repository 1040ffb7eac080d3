"""JSON that nests without end is an error that names the file."""

import pytest

from stslidr.errors import InputError
from stslidr.files.json_file import read_json


@pytest.mark.parametrize('text', ['[' * 100_000, '{"a":' * 100_000, '[' * 50_000 + ']' * 50_000])
def test_a_nest_without_end_is_no_json(tmp_path, text):
    (tmp_path / 'deep.json').write_text(text)
    with pytest.raises(InputError, match=r'deep\.json is no readable JSON'):
        read_json(tmp_path / 'deep.json')
