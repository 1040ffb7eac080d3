"""Damage that ``torch.load`` does not see is found by the checksums of the file."""

import zipfile

import numpy as np
import pytest
import torch

from stslidr.errors import InputError
from stslidr.files.checksums import check_checksums

TENSORS = {'a': torch.arange(1000.0), 'b': torch.ones(3)}


@pytest.fixture
def path(tmp_path):
    torch.save(TENSORS, tmp_path / 'weights.pth')
    return tmp_path / 'weights.pth'


def damage(path, place, content):
    data = bytearray(path.read_bytes())
    data[place : place + len(content)] = content
    path.write_bytes(data)


def test_whole_files_pass(path, tmp_path):
    check_checksums(path)
    torch.save(TENSORS, tmp_path / 'old.pth', _use_new_zipfile_serialization=False)
    check_checksums(tmp_path / 'old.pth')
    (tmp_path / 'text').write_text('no zip')
    check_checksums(tmp_path / 'text')


def test_zeroed_weights_are_found(path):
    start = path.read_bytes().index(np.arange(1000, dtype=np.float32).tobytes())
    damage(path, start + 400, bytes(800))
    assert torch.load(path, weights_only=True)['a'][150] == 0, 'torch loads them'
    with pytest.raises(InputError, match=r'damaged: 1 of its .* records, first weights/data/0, '):
        check_checksums(path)


def test_every_byte_that_torch_reads_is_checked(path):
    whole, rng = path.read_bytes(), np.random.default_rng(0)
    with zipfile.ZipFile(path) as records:
        places = [
            (record.header_offset + 30 + len(record.filename), record.file_size)
            for record in records.infolist()
        ]
    table = whole.index(b'PK\x01\x02')
    for place in rng.integers(0, table, 300):
        path.write_bytes(whole)
        damage(path, place, bytes([whole[place] ^ 0x10]))
        try:
            check_checksums(path)
        except InputError:
            continue
        loaded = torch.load(path, weights_only=True)  # padding, or a name that is not read
        assert all(torch.equal(loaded[name], value) for name, value in TENSORS.items()), places


def test_a_file_without_checksums_passes(tmp_path):
    torch.serialization.set_crc32_options(False)
    try:
        torch.save(TENSORS, tmp_path / 'unchecked.pth')
    finally:
        torch.serialization.set_crc32_options(True)
    check_checksums(tmp_path / 'unchecked.pth')


def test_a_damaged_table_of_records(path):
    whole = path.read_bytes()
    damage(path, whole.index(b'PK\x01\x02') + 46, b'x/y')
    with pytest.raises(InputError, match=r'weights\.pth is damaged'):
        check_checksums(path)
