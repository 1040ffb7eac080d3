"""Images: RGB as stored, sizes from the header, and each way a file can be broken is named."""

import io
import re
import zlib

import numpy as np
import pytest
from PIL import Image

from stslidr.errors import InputError
from stslidr.files.images import image_size, read_image


def random_pixels(height=18, width=32, channels=3):
    shape = (height, width, channels) if channels > 1 else (height, width)
    return np.random.default_rng(height).integers(0, 256, shape, dtype=np.uint8)


def jpeg(pixels, **options):
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, 'JPEG', **options)
    return buffer.getvalue()


def test_lossless_pixels_are_rgb(tmp_path):
    pixels = random_pixels()
    Image.fromarray(pixels).save(tmp_path / 'image.png')
    read = read_image(tmp_path / 'image.png', expected_size=(18, 32))
    assert read.dtype == np.uint8
    np.testing.assert_array_equal(read, pixels)


def test_grey_and_alpha_become_rgb(tmp_path):
    grey, rgba = random_pixels(channels=1), random_pixels(channels=4)
    Image.fromarray(grey).save(tmp_path / 'grey.png')
    Image.fromarray(rgba).save(tmp_path / 'rgba.png')
    np.testing.assert_array_equal(
        read_image(tmp_path / 'grey.png'), np.repeat(grey[..., None], 3, axis=2)
    )
    np.testing.assert_array_equal(read_image(tmp_path / 'rgba.png'), rgba[..., :3])


def test_result_may_be_changed(tmp_path):
    path = tmp_path / 'image.png'
    Image.fromarray(random_pixels()).save(path)
    image = read_image(path)
    image[:] = 0
    assert not image.any()


def test_jpeg_against_opencv(tmp_path):
    cv2 = pytest.importorskip('cv2')
    smooth = np.linspace(0, 255, 48 * 64 * 3).reshape(48, 64, 3).astype(np.uint8)
    path = tmp_path / 'image.jpg'
    path.write_bytes(jpeg(smooth, quality=95))
    difference = read_image(path).astype(int) - cv2.imread(str(path))[..., ::-1]
    assert np.abs(difference).max() <= 3  # decoders round differently


def test_orientation_in_the_metadata_turns_nothing(tmp_path):
    metadata = Image.Exif()
    metadata[0x0112] = 6  # a viewer would turn it by 90 degrees
    path = tmp_path / 'image.jpg'
    path.write_bytes(jpeg(random_pixels(18, 32), exif=metadata))
    assert image_size(path) == (18, 32)
    assert read_image(path, expected_size=(18, 32)).shape == (18, 32, 3)


def test_size_needs_the_header_only(tmp_path):
    path = tmp_path / 'image.jpg'
    data = jpeg(random_pixels(180, 320))
    path.write_bytes(data[: len(data) // 2])
    assert image_size(path) == (180, 320)
    with pytest.raises(ValueError, match=rf'{re.escape(str(path))} cannot be read'):
        read_image(path)


def test_other_size_than_stated(tmp_path):
    path = tmp_path / 'image.png'
    Image.fromarray(random_pixels(18, 32)).save(path)
    with pytest.raises(ValueError, match=rf'{re.escape(str(path))} is 18 x 32 .*states 32 x 18'):
        read_image(path, expected_size=(32, 18))


@pytest.mark.parametrize('reader', [image_size, read_image])
@pytest.mark.parametrize('content', [b'', b'\xff\xd8\xff', b'no image at all'])
def test_unreadable_header(tmp_path, reader, content):
    path = tmp_path / 'image.jpg'
    path.write_bytes(content)
    with pytest.raises(ValueError, match=rf'{re.escape(str(path))} cannot be read'):
        reader(path)


@pytest.mark.parametrize('reader', [image_size, read_image])
def test_missing(tmp_path, reader):
    with pytest.raises(FileNotFoundError, match=re.escape(str(tmp_path / 'none.jpg'))):
        reader(tmp_path / 'none.jpg')


@pytest.mark.parametrize('mode', ['I;16', 'I', 'F'])
def test_more_than_8_bits_are_refused(tmp_path, mode):
    path = tmp_path / 'image.tif'
    values = np.full((4, 6), 3_000, {'I;16': np.uint16, 'I': np.int32, 'F': np.float32}[mode])
    Image.fromarray(values).save(path)
    with pytest.raises(InputError, match=r'image\.tif has more than 8 bits per channel .*white'):
        read_image(path)


def test_8_bits_of_grey_are_three_alike(tmp_path):
    Image.fromarray(random_pixels(channels=1)).save(tmp_path / 'grey.png')
    read = read_image(tmp_path / 'grey.png')
    assert (read == random_pixels(channels=1)[..., None]).all()


def test_real_images(keyframe_root):
    for path in sorted((keyframe_root / 'samples').glob('CAM_*/*.jpg')):
        assert image_size(path) == (900, 1600)
    assert read_image(path, expected_size=(900, 1600)).std() > 10


@pytest.mark.parametrize('reader', [image_size, read_image])
def test_a_header_that_states_more_than_memory_holds(tmp_path, monkeypatch, reader):
    """nuscenes-devkit lifts Pillow's own limit for the whole process."""
    monkeypatch.setattr(Image, 'MAX_IMAGE_PIXELS', 400_000**2)
    path = tmp_path / 'a.png'
    Image.fromarray(np.zeros((4, 4, 3), np.uint8)).save(path)
    data = bytearray(path.read_bytes())
    data[16:24] = (60_000).to_bytes(4, 'big') * 2
    data[29:33] = zlib.crc32(data[12:29]).to_bytes(4, 'big')
    path.write_bytes(data)
    with pytest.raises(InputError, match=r'a\.png states 60000 x 60000 pixels .* more than 134,'):
        reader(path)
