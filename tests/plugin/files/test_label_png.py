"""Label maps in PNG files: what is written is what any reader reads."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image

from stslidr.files.label_png import encode_labels, read_labels, summarise_labels


@settings(max_examples=40, deadline=None)
@given(
    labels=hnp.arrays(
        st.sampled_from([np.int32, np.int64, np.uint8, np.uint16]),
        hnp.array_shapes(min_dims=2, max_dims=2, max_side=9),
        elements=st.integers(0, 255),
    ),
    offset=st.sampled_from([0, 1, 255, 65280]),
)
def test_any_labels_come_back_from_pillow(tmp_path_factory, labels, offset):
    labels = labels.astype(np.int64) + offset
    path = tmp_path_factory.mktemp('labels') / 'map.png'
    path.write_bytes(encode_labels(labels))

    with Image.open(path) as image:
        image.verify()  # checksums of the chunks
    with Image.open(path) as image:
        np.testing.assert_array_equal(np.asarray(image), labels)
        assert image.mode == ('L' if labels.max() <= 255 else 'I;16')
    np.testing.assert_array_equal(read_labels(path), labels)
    assert summarise_labels(path) == (labels.shape, labels.max())


def test_a_view_that_is_not_contiguous_is_encoded_like_its_copy():
    labels = np.arange(600).reshape(20, 30)
    for view in (labels.T, labels[::2, ::-3]):
        assert encode_labels(view) == encode_labels(view.copy())


@pytest.mark.parametrize(
    'labels',
    [
        np.full((2, 2), -1),
        np.full((2, 2), 65536),
        np.zeros((2, 2)),
        np.zeros((2, 2, 1), int),
        np.zeros((0, 3), int),
        np.zeros((2, 2), bool),
    ],
)
def test_what_is_no_label_map_is_refused(labels):
    with pytest.raises(ValueError, match='label map'):
        encode_labels(labels)


def test_summary_of_a_foreign_map_is_taken_from_its_pixels(tmp_path):
    labels = np.arange(77).reshape(7, 11)
    for dtype in (np.uint8, np.uint16):
        Image.fromarray(labels.astype(dtype)).save(tmp_path / 'foreign.png')
        assert summarise_labels(tmp_path / 'foreign.png') == ((7, 11), 76)


def test_damaged_or_coloured_files_are_errors_that_name_them(tmp_path):
    whole = encode_labels(np.random.randint(0, 200, (64, 64)))
    damaged = {
        'empty.png': b'',
        'text.png': b'no image',
        'cut.png': whole[: len(whole) // 2],
        'flipped.png': whole[:900] + bytes([whole[900] ^ 0xFF]) + whole[901:],
    }
    for name, data in damaged.items():
        (tmp_path / name).write_bytes(data)
    Image.new('RGB', (4, 4)).save(tmp_path / 'colour.png')
    for name in (*damaged, 'colour.png'):
        with pytest.raises(ValueError, match=f'{name} cannot be read'):
            read_labels(tmp_path / name)
    with pytest.raises(FileNotFoundError, match=r'absent\.png'):
        summarise_labels(tmp_path / 'absent.png')
