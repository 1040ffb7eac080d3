"""Files that appear whole, written piece by piece."""

import json

import numpy as np
import pytest
from PIL import Image

from stslidr_city.dataset.writing import json_array, write_grey_png


@pytest.mark.parametrize('rows', [[], [{'a': 1}], [{'a': 0.1 + 0.2}, {'b': 'ü"'}, {}]])
def test_json_array(tmp_path, rows):
    with json_array(tmp_path / 'table.json') as table:
        for row in rows:
            table.append(row)
    assert json.loads((tmp_path / 'table.json').read_text()) == rows


@pytest.mark.parametrize('heights', [[1], [3, 1, 5], [40, 60]])
def test_grey_png_is_read_by_pillow(tmp_path, heights):
    strips = [
        np.random.default_rng(0).integers(0, 256, (height, 71), dtype=np.uint8)
        for height in heights
    ]
    write_grey_png(tmp_path / 'map.png', (71, sum(heights)), iter(strips))
    with Image.open(tmp_path / 'map.png') as image:
        assert image.mode == 'L'
        np.testing.assert_array_equal(np.asarray(image), np.vstack(strips))
