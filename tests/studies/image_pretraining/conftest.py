"""Images with superpixels, in the folders of a nuScenes root."""

from __future__ import annotations

import pytest

from stslidr_studies.image_pretraining.superpixel_images import SuperpixelImages


@pytest.fixture
def superpixel_root(tiny_data, tmp_path):
    """A root with 12 images under samples/<camera>, their superpixels and an info file."""
    for name in ('LEFT', 'RIGHT'):
        (tmp_path / 'samples').mkdir(exist_ok=True)
        (tmp_path / 'samples' / name).symlink_to(tiny_data.root / name)
    (tmp_path / 'superpixels').symlink_to(tiny_data.root / tiny_data.superpixels)
    (tmp_path / 'infos.pkl').symlink_to(tiny_data.root / tiny_data.ann_file)
    return tmp_path


@pytest.fixture
def images(superpixel_root):
    """What is in it."""
    root = superpixel_root
    return SuperpixelImages(root / 'infos.pkl', root, root / 'superpixels')
