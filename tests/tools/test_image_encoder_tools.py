"""tools/train_image_encoder.py and tools/measure_image_encoder.py as a user calls them."""

from __future__ import annotations

import hashlib
import re

import numpy as np
import pytest

from stslidr.encoders.image_encoder import FrozenSmallResNet
from stslidr.files.label_png import encode_labels
from stslidr_studies.image_pretraining.superpixel_images import SuperpixelImages
from support.tools import call, status_of


@pytest.fixture
def root(tiny_data, tmp_path):
    """A root with 12 images under samples/<camera>, superpixels, class maps and an info file."""
    (tmp_path / 'samples').mkdir()
    for name in ('LEFT', 'RIGHT'):
        (tmp_path / 'samples' / name).symlink_to(tiny_data.root / name)
    (tmp_path / 'superpixels').symlink_to(tiny_data.root / tiny_data.superpixels)
    (tmp_path / 'infos.pkl').symlink_to(tiny_data.root / tiny_data.ann_file)
    (tmp_path / 'classes').mkdir()
    images = SuperpixelImages(tmp_path / 'infos.pkl', tmp_path, tmp_path / 'superpixels')
    for index, image in enumerate(images.images):
        raw_ids = np.where(images[index][1].numpy() % 2, 24, 30)
        (tmp_path / 'classes' / f'{image.token}.png').write_bytes(encode_labels(raw_ids))
    return tmp_path


def train(root, out, *options):
    command = ('train_image_encoder.py', root / 'infos.pkl', '--root', root)
    return status_of(*command, '--superpixels', root / 'superpixels', '--out', out, *options)


def test_trains_writes_and_measures(root, capsys):
    options = ('--iterations', 2, '--batch-size', 2)
    assert train(root, root / 'out/a.pth', *options) == 0
    said = capsys.readouterr().out
    digest = hashlib.sha256((root / 'out/a.pth').read_bytes()).hexdigest()
    assert '12 images' in said
    assert f'a.pth: SHA-256 {digest}' in said
    FrozenSmallResNet('synthetic', root / 'out/a.pth')
    assert train(root, root / 'out/b.pth', *options) == 0
    assert (root / 'out/b.pth').read_bytes() == (root / 'out/a.pth').read_bytes()
    assert train(root, root / 'out/c.pth', *options, '--seed', 1) == 0
    assert (root / 'out/c.pth').read_bytes() != (root / 'out/a.pth').read_bytes()

    capsys.readouterr()
    command = ('measure_image_encoder.py', root / 'infos.pkl', root / 'infos.pkl', '--root', root)
    folders = ('--superpixels', root / 'superpixels', '--class-maps', root / 'classes')
    call(*command, *folders, '--checkpoint', root / 'out/a.pth')
    said = capsys.readouterr().out
    assert '| class | mean colour | random | trained |' in said
    assert re.search(r'\| barrier \| nan \| nan \| nan \|', said)
    assert re.search(r'\| mIoU( \| \d+\.\d){3} \|', said)
    assert re.search(r'\| of the same class, all pairs( \| \d+\.\d){3} \|', said)


def test_user_errors_are_one_line_and_leave_no_file(root, capsys):
    (root / 'samples' / 'LEFT').unlink()
    assert train(root, root / 'out.pth', '--batch-size', 12, '--iterations', 1) == 1
    said = capsys.readouterr().err.splitlines()[-1]
    assert re.fullmatch(rf'error: image {root}/samples/LEFT/\d.png does not exist', said)
    assert not (root / 'out.pth').exists()
    assert train(root, root / 'out.pth', '--iterations', 0) == 1
    assert 'at least one iteration' in capsys.readouterr().err
