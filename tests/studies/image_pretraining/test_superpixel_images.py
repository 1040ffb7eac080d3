"""Images with their superpixels, and roots where something is wrong."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image

from stslidr.files.label_png import encode_labels, read_labels
from stslidr_studies.image_pretraining.superpixel_images import SuperpixelImages


def test_images_come_with_their_superpixels(images, tiny_data):
    assert len(images) == 2 * tiny_data.num_keyframes
    assert images.num_superpixels == 12
    for index, described in enumerate(images.images):
        image, labels = images[index]
        with Image.open(described.path) as stored:
            assert np.array_equal(image.permute(1, 2, 0).numpy(), np.array(stored))
        stored = read_labels(tiny_data.root / tiny_data.superpixels / f'{described.token}.png')
        assert np.array_equal(labels.numpy(), stored)
        assert labels.dtype == torch.int64


def test_a_root_without_images_is_refused(images, superpixel_root):
    (superpixel_root / 'samples' / 'LEFT').unlink()
    root = superpixel_root
    moved = SuperpixelImages(root / 'infos.pkl', root, root / 'superpixels')
    with pytest.raises(FileNotFoundError, match=f'image {root}/samples/LEFT/0.png does not exist'):
        moved[0]


def test_a_map_of_another_size_is_refused(images, superpixel_root, tiny_data):
    own = superpixel_root / 'own'
    own.mkdir()
    for path in (tiny_data.root / tiny_data.superpixels).iterdir():
        (own / path.name).write_bytes(path.read_bytes())
    token = images.images[0].token
    (own / f'{token}.png').write_bytes(encode_labels(np.zeros((3, 5), np.int64)))
    changed = SuperpixelImages(superpixel_root / 'infos.pkl', superpixel_root, own)
    with pytest.raises(ValueError, match=rf'{token}.png is 3 x 5 .* where the image is 48 x 80'):
        changed[0]
