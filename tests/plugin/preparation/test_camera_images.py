"""The images of an info file: where they lie, and info files that lack what is needed."""

from __future__ import annotations

from pathlib import Path

import pytest

from stslidr.files.infos import read_infos, write_infos
from stslidr.preparation.camera_images import CameraImage, find_images


def entry(path, token, **size):
    return {'img_path': path, 'sample_data_token': token, **size}


@pytest.fixture
def list_images(tmp_path):
    """Write an info file of the given samples and list its images."""

    def find(samples, **data_prefix):
        write_infos(tmp_path / 'infos.pkl', {}, [{'images': images} for images in samples])
        return find_images(tmp_path / 'infos.pkl', tmp_path, data_prefix)

    return find


def test_images_lie_where_the_rule_says(list_images, tmp_path):
    samples = [
        {
            'A': entry('a.jpg', 'a'),
            'B': entry('b.jpg', 'b'),
            'C': entry('c.jpg', 'c'),
            'D': entry('x/d.jpg', 'd'),
        }
    ]
    (tmp_path / 'x').mkdir()
    for path in ('b.jpg', 'c.jpg', 'x/d.jpg'):
        (tmp_path / path).touch()
    paths = {image.token: image.path for image in list_images(samples, C='cameras/C')}
    assert paths == {
        'a': tmp_path / 'samples/A/a.jpg',  # the default
        'b': tmp_path / 'b.jpg',  # it is there
        'c': tmp_path / 'cameras/C/c.jpg',  # a stated folder goes before what is there
        'd': tmp_path / 'x/d.jpg',
    }


def test_sizes_are_taken_where_both_are_stated(list_images):
    images = list_images(
        [
            {
                'A': entry('a', 'a', height=3, width=4),
                'B': entry('b', 'b'),
                'C': entry('c', 'c', height=3),
            }
        ]
    )
    assert [image.size for image in images] == [(3, 4), None, None]


def test_an_image_that_two_samples_share_is_listed_once_in_order(list_images):
    samples = [{'A': entry('2', 't2')}, {'A': entry('1', 't1')}, {'A': entry('2', 't2')}]
    assert [image.token for image in list_images(samples)] == ['t2', 't1']


def test_one_token_for_two_images_is_refused(list_images):
    with pytest.raises(ValueError, match=r'infos\.pkl: sample_data_token t is given to both'):
        list_images([{'A': entry('1', 't')}, {'A': entry('2', 't')}])


@pytest.mark.parametrize(
    ('images', 'message'),
    [
        (None, 'sample 0: images is None'),
        ([], r'sample 0: images is \[\] \(list\), expected a dict'),
        ({'A': None}, 'has no camera images'),
        ({5: entry('a', 'a')}, r'sample 0, images has the camera 5 \(int\), expected text'),
        ({'A': entry(5, 'a')}, r'sample 0, A: img_path is 5 \(int\), expected text'),
        ({'A': {'img_path': 'a'}}, "sample 0, A has no entry 'sample_data_token'"),
        ({'A': entry('a', 5)}, r'sample 0, A: sample_data_token is 5 \(int\), expected text'),
        ({'A': entry('a', '')}, "sample 0, A: sample_data_token is '' .*not empty"),
        (
            {'A': entry('a', 'a', height='900', width=1600)},
            r"A: height is '900' \(text\), expected a",
        ),
        ({'A': entry('a', 'a', height=-900, width=1600)}, 'A: height is -900'),
        ({'A': entry('a', 'a', height=900, width=16.5)}, r'A: width is 16\.5 \(float\)'),
        ({}, 'has no camera images'),
    ],
)
def test_info_files_that_lack_something_are_named(list_images, images, message):
    with pytest.raises(ValueError, match=rf'infos\.pkl.*{message}'):
        list_images([images])


def test_kitti_files_list_entries_without_an_image(list_images):
    images = list_images([{'CAM0': {'height': 3}, 'CAM2': entry('a', 'a'), 'R0_rect': [[1.0]]}])
    assert [image.token for image in images] == ['a']


def test_a_prefix_for_an_unknown_camera_is_refused(list_images):
    with pytest.raises(ValueError, match=r"--data-prefix Z: .* but \['A'\]"):
        list_images([{'A': entry('a', 'a')}], Z='z')


def test_the_info_file_of_mmdet3d_finds_the_real_images(keyframe_root):
    infos = keyframe_root / 'mmdet3d_infos.pkl'
    images = find_images(infos, keyframe_root, {})
    assert len(images) == 6 and all(image.path.is_file() for image in images)
    front = read_infos(infos)['data_list'][0]['images']['CAM_FRONT']
    path = keyframe_root / 'samples' / 'CAM_FRONT' / front['img_path']
    assert CameraImage(front['sample_data_token'], path, None) in images
    assert str(images[0]) == str(Path(images[0].path))
