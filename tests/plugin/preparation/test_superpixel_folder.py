"""A superpixel folder in two shards, interrupted, damaged, adopted: the end is always the same."""

import hashlib
import json
from dataclasses import dataclass, field

import numpy as np
import pytest
from PIL import Image

from stslidr.errors import InputError, MissingFileError
from stslidr.files.label_png import read_labels
from stslidr.files.superpixel_manifest import MANIFEST, SuperpixelManifest
from stslidr.preparation.camera_images import CameraImage
from stslidr.preparation.superpixel_folder import ADOPTED, adopt_maps, create_maps
from stslidr.preparation.superpixel_methods import Grid

WHOLE = (0, 1)


@dataclass
class Rows:
    """Each row of an image is a superpixel; raises for images that are as bright as asked."""

    name: str = 'rows'
    parameters: dict = field(default_factory=dict)
    library: str = 'none'
    library_version: str = '1'

    def __call__(self, image, path):
        if image[0, 0, 0] == 99:
            raise ZeroDivisionError('too bright')
        if image[0, 0, 0] == 98:
            return np.zeros((1, 1), np.int64)
        return np.arange(len(image))[:, None].repeat(image.shape[1], 1)


@pytest.fixture(autouse=True)
def one_process(monkeypatch):
    """Make maps in this process; tests of the tool have workers."""
    monkeypatch.setattr(
        'stslidr.preparation.superpixel_folder.run_parallel',
        lambda task, items, workers: map(task, items),
    )


@pytest.fixture
def images(tmp_path):
    """Five images of two sizes."""
    found = []
    for number in range(5):
        size = (6 + 2 * (number % 2), 10)
        path = tmp_path / f'{number}.png'
        Image.fromarray(np.full((*size, 3), number, np.uint8)).save(path)
        found.append(CameraImage(f'token{number}', path, size))
    return found


@pytest.fixture
def out(tmp_path):
    return tmp_path / 'out'


def content(folder):
    """File name -> hash, hidden files too."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


def test_maps_and_manifest(images, tmp_path):
    manifest = create_maps(images, tmp_path / 'out', Rows(), WHOLE, 1)
    assert manifest == SuperpixelManifest.read(tmp_path / 'out')
    assert (manifest.num_maps, manifest.image_sizes) == (5, [[6, 10], [8, 10]])
    assert (manifest.highest_id, manifest.highest_id_map) == (7, 'token1.png')
    for image in images:
        labels = read_labels(tmp_path / 'out' / f'{image.token}.png')
        assert labels.tolist() == [[row] * 10 for row in range(image.size[0])]


@pytest.mark.parametrize('shards', [2, 3])
def test_shards_and_interruptions_end_in_the_same_folder(images, tmp_path, shards):
    create_maps(images, tmp_path / 'whole', Rows(), WHOLE, 1)
    part = tmp_path / 'part'
    results = [create_maps(images, part, Rows(), (n, shards), 1) for n in range(shards)]
    assert results[:-1] == [None] * (shards - 1) and results[-1] is not None
    assert content(part) == content(tmp_path / 'whole')
    (part / 'token2.png').unlink()
    (part / '.token2.png.partial').write_bytes(b'half a map')
    kept = (part / 'token1.png').stat().st_mtime_ns
    create_maps(images, part, Rows(), WHOLE, 1)
    assert content(part) == content(tmp_path / 'whole')
    assert (part / 'token1.png').stat().st_mtime_ns == kept, 'what is there is not made again'


def test_a_shard_leaves_what_another_is_writing(images, tmp_path):
    (tmp_path / 'out').mkdir()
    others = tmp_path / 'out' / '.token1.png.partial'
    own = tmp_path / 'out' / '.token2.png.partial'
    for path in (others, own):
        path.write_bytes(b'half a map')
    create_maps(images, tmp_path / 'out', Rows(), (0, 2), 1)
    assert others.exists() and not own.exists()


def test_maps_made_otherwise_do_not_mix(images, out):
    create_maps(images, out, Rows(), WHOLE, 1)
    before = content(out)
    with pytest.raises(InputError, match="method 'rows' .now 'grid'"):
        create_maps(images, out, Grid(), WHOLE, 1)
    with pytest.raises(InputError, match=r"library_version '1' \(now '2'\)"):
        create_maps(images, out, Rows(library_version='2'), WHOLE, 1)
    (out / MANIFEST).unlink()
    with pytest.raises(MissingFileError, match=f'has no {MANIFEST}'):
        create_maps(images, out, Rows(), WHOLE, 1)
    assert content(out) == {k: v for k, v in before.items() if k != MANIFEST}


@pytest.mark.parametrize(
    ('value', 'says'),
    [(99, r"2\.png failed: ZeroDivisionError\('too bright'\)"), (98, r'2\.png failed: .*\(1, 1\)')],
)
def test_an_image_that_a_generator_fails_at_is_named(images, tmp_path, value, says):
    Image.fromarray(np.full((6, 10, 3), value, np.uint8)).save(images[2].path)
    with pytest.raises(InputError, match=says):
        create_maps(images, tmp_path / 'out', Rows(), WHOLE, 1)
    assert not (tmp_path / 'out/token2.png').exists()


def test_missing_images_are_counted_before_anything_is_made(images, tmp_path):
    for number in (1, 3):
        images[number].path.unlink()
    with pytest.raises(MissingFileError, match=r'2 of 5 images do not .* first is .*1\.png'):
        create_maps(images, tmp_path / 'out', Rows(), WHOLE, 1)
    assert list(content(tmp_path / 'out')) == [MANIFEST]


def test_maps_from_elsewhere_are_checked_and_counted(images, out):
    create_maps(images, out, Rows(), WHOLE, 1)
    with pytest.raises(InputError, match="method 'rows'"):
        adopt_maps(images, out, 1)
    (out / MANIFEST).unlink()
    manifest = adopt_maps(images[:3], out, 1)
    assert manifest.method == ADOPTED.method and manifest.num_maps == 5, 'all that lie there'
    assert json.loads((out / MANIFEST).read_text())['highest_id'] == 7
    assert adopt_maps(images, out, 1) == manifest


def test_maps_from_elsewhere_that_do_not_fit(images, out):
    create_maps(images, out, Rows(), WHOLE, 1)
    (out / MANIFEST).unlink()
    (out / 'token1.png').write_bytes((out / 'token0.png').read_bytes())
    with pytest.raises(InputError, match=r'token1\.png is 6 x 10 .* where image .* is 8 x 10'):
        adopt_maps(images, out, 1)
    (out / 'token1.png').unlink()
    with pytest.raises(MissingFileError, match='1 of 5 superpixel maps do not exist'):
        adopt_maps(images, out, 1)
    assert not (out / MANIFEST).exists()
