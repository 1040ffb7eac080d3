"""Images with their superpixels, and roots where something is wrong."""

from __future__ import annotations

import shutil

import numpy as np
import pytest
import torch
from PIL import Image

from stslidr.errors import InputError, MissingFileError, UserError
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


def replace_folder(root, name):
    """Put files of its own in the place of a linked folder; return the folder."""
    link = root / name
    source = link.resolve()
    link.unlink()
    shutil.copytree(source, link)
    return link


def test_an_image_that_is_gone_or_cut_off_is_named(superpixel_root):
    folder = replace_folder(superpixel_root, 'samples/LEFT')
    root = superpixel_root
    images = SuperpixelImages(root / 'infos.pkl', root, root / 'superpixels')
    path = folder / '0.png'
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(InputError, match=str(path)):
        images[0]
    path.unlink()
    with pytest.raises(MissingFileError, match=str(path)):
        images[0]
    assert images[2][0].dtype == torch.uint8, 'the others can be read'


def test_a_map_that_is_gone_is_named(superpixel_root):
    folder = replace_folder(superpixel_root, 'superpixels')
    root = superpixel_root
    images = SuperpixelImages(root / 'infos.pkl', root, folder)
    (folder / 'left0.png').unlink()
    with pytest.raises(MissingFileError, match='left0.png does not exist: run'):
        images[0]


@pytest.mark.parametrize('content', [None, b'{', b'[]'])
def test_a_folder_without_a_whole_manifest_is_refused(superpixel_root, content):
    folder = replace_folder(superpixel_root, 'superpixels')
    (folder / 'manifest.json').unlink()
    if content is not None:
        (folder / 'manifest.json').write_bytes(content)
    with pytest.raises(UserError, match=str(folder)):
        SuperpixelImages(superpixel_root / 'infos.pkl', superpixel_root, folder)
