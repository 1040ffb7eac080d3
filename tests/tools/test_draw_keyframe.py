"""tools/draw_keyframe.py: sheets of the cameras, their pairs, and the sweep from above."""

from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from stslidr.files.infos import read_infos, write_infos
from support.tiny_data import SIZES, make_tiny_data
from support.tiny_labelled import make_labelled_nuscenes
from support.tools import assert_mistake, call, status_of

WIDTH = 300


@pytest.fixture
def run(tmp_path):
    """The tiny data where the tool looks for them: sweep and images by their paths in the root."""
    data = make_tiny_data(tmp_path / 'data', num_keyframes=2)
    infos = read_infos(data.root / data.ann_file)
    for info in infos['data_list']:
        points = info['lidar_points']
        points['lidar_path'] = f'sweeps/{points["lidar_path"]}'
        for name, camera in info['images'].items():
            camera['img_path'] = f'{name}/{camera["img_path"]}'
    write_infos(data.root / data.ann_file, infos['metainfo'], infos['data_list'])
    arguments = (data.root / data.ann_file, '--root', data.root)
    folder = data.root / data.superpixels
    return SimpleNamespace(
        root=data.root,
        arguments=(*arguments, '--superpixels', folder, '--out', tmp_path / 'o'),
        out=tmp_path,
    )


def draw(run, *options):
    """Draw; return the two sheets as arrays (H, W, 3)."""
    call('draw_keyframe.py', *run.arguments, '--width', WIDTH, *options)
    return [
        np.asarray(Image.open(run.out / f'o_{name}.jpg'), dtype=int) for name in ('images', 'pairs')
    ]


def test_two_cameras_and_no_labels(run, capsys):
    images, pairs = draw(run)
    assert capsys.readouterr().out.splitlines() == [
        f'{run.out}/o_images.jpg',
        f'{run.out}/o_pairs.jpg',
    ]
    assert not (run.out / 'o_sweep.png').exists(), 'there are no labels'
    assert images.shape == pairs.shape and images.shape[1] == WIDTH
    heights = [WIDTH // 2 * height / width for height, width in SIZES.values()]
    assert min(heights) <= images.shape[0] <= max(heights), 'one row of two places'
    assert images[:, : WIDTH // 2].std() > 20 and images[:, WIDTH // 2 :].std() > 20
    changed = np.abs(images - pairs).max(axis=2) > 60
    assert changed.mean() > 0.05, 'borders and points'


def test_another_sample_is_another_picture(run):
    first, _ = draw(run)
    second, _ = draw(run, '--index', 1)
    assert first.shape == second.shape and np.abs(first - second).mean() > 5


def test_labels_colour_the_sweep_from_above(tmp_path):
    make_labelled_nuscenes(tmp_path / 'data', {'scene-a': 1})
    infos = tmp_path / 'data/nuscenes_infos_train.pkl'
    common = (infos, '--root', tmp_path / 'data')
    maps = tmp_path / 'maps'
    call('create_superpixels.py', *common, '--out', maps, '--workers', 1, '--segments', 4)
    call('draw_keyframe.py', *common, '--superpixels', maps, '--out', tmp_path / 'o')
    sweep = np.asarray(Image.open(tmp_path / 'o_sweep.png').convert('RGB')).reshape(-1, 3)
    assert len(np.unique(sweep, axis=0)) > 8, 'points of many classes'
    assert (tmp_path / 'o_pairs.jpg').exists()


@pytest.mark.parametrize(
    ('options', 'says'),
    [
        (('--index', 2), r'--index 2: .*tiny_infos\.pkl has 2 samples'),
        (('--index', -1), '--index -1: '),
        (('--superpixels', 'absent'), 'superpixel folder absent does not exist'),
        (('--root', 'absent'), 'sweep absent.* does not exist'),
        (('--out', '/proc/absent/o'), '/proc/absent'),
    ],
)
def test_mistakes(run, capsys, options, says):
    assert_mistake(capsys, says, 'draw_keyframe.py', *run.arguments, *options)


def test_a_width_without_room_for_a_camera_shows_the_usage(run, capsys):
    assert status_of('draw_keyframe.py', *run.arguments, '--width', 2) == 2
    assert '--width: 2' in capsys.readouterr().err


def test_damaged_files_are_named(run, capsys):
    (run.root / 'LEFT/0.png').write_bytes(b'no image')
    assert_mistake(
        capsys, r'image .*LEFT/0\.png cannot be read', 'draw_keyframe.py', *run.arguments
    )
    infos = read_infos(run.arguments[0])
    for info in infos['data_list']:
        info['images'] = {}
    write_infos(run.arguments[0], infos['metainfo'], infos['data_list'])
    assert_mistake(capsys, 'the sample has no camera', 'draw_keyframe.py', *run.arguments)
