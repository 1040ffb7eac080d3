"""What the devkit draws and counts runs on a synthetic root."""

import cv2
import matplotlib
import numpy as np
import pytest
from nuscenes.nuscenes import NuScenes

matplotlib.use('Agg')
from matplotlib import pyplot


@pytest.fixture(scope='module')
def devkit(fake_root):
    return NuScenes('v1.0-synthetic', str(fake_root), verbose=False)


@pytest.fixture(autouse=True)
def no_windows(monkeypatch):
    """The devkit opens windows even where it writes a video."""
    for name in ('namedWindow', 'moveWindow', 'imshow', 'destroyAllWindows'):
        monkeypatch.setattr(cv2, name, lambda *arguments: None)
    monkeypatch.setattr(cv2, 'waitKey', lambda *arguments: -1)
    yield
    pyplot.close('all')


def drawn(path):
    image = cv2.imread(str(path))
    return image is not None and image.std() > 1


@pytest.mark.parametrize('options', [{'nsweeps': 2}, {'show_lidarseg': True}])
def test_sample_and_its_sensors(devkit, tmp_path, options):
    sample = devkit.sample[1]
    devkit.render_sample(
        sample['token'], out_path=str(tmp_path / 'all.png'), verbose=False, **options
    )
    devkit.render_sample_data(
        sample['data']['LIDAR_TOP'], out_path=str(tmp_path / 'map.png'), verbose=False, **options
    )
    options.pop('nsweeps', None)
    devkit.render_pointcloud_in_image(
        sample['token'], out_path=str(tmp_path / 'points.png'), verbose=False, **options
    )
    assert all(drawn(tmp_path / name) for name in ('all.png', 'map.png', 'points.png'))


def test_intensity_in_image(devkit, tmp_path):
    devkit.render_pointcloud_in_image(
        devkit.sample[0]['token'],
        render_intensity=True,
        out_path=str(tmp_path / 'points.png'),
        verbose=False,
    )
    assert drawn(tmp_path / 'points.png')


def test_boxes(devkit, tmp_path):
    devkit.render_annotation(
        devkit.sample[0]['anns'][0], out_path=str(tmp_path / 'box.png'), extra_info=True
    )
    devkit.render_instance(devkit.instance[0]['token'], out_path=str(tmp_path / 'instance.png'))
    assert drawn(tmp_path / 'box.png') and drawn(tmp_path / 'instance.png')
    assert np.isfinite(devkit.box_velocity(devkit.sample[1]['anns'][0])).all()


def test_scenes(devkit, tmp_path):
    scene = devkit.scene[0]
    devkit.render_scene(scene['token'], out_path=str(tmp_path / 'scene.avi'))
    devkit.render_scene_channel(scene['token'], out_path=str(tmp_path / 'channel.avi'))
    assert min((tmp_path / name).stat().st_size for name in ('scene.avi', 'channel.avi')) > 5000
    devkit.render_egoposes_on_map(
        devkit.get('log', scene['log_token'])['location'], out_path=str(tmp_path / 'map.png')
    )
    assert drawn(tmp_path / 'map.png')


def test_scene_with_labels(devkit, tmp_path):
    devkit.render_scene_channel_lidarseg(
        devkit.scene[0]['token'],
        'CAM_FRONT',
        out_folder=str(tmp_path),
        render_mode='image',
        verbose=False,
        imsize=(64, 36),
        dpi=40,
    )
    images = list(tmp_path.rglob('*.jpg')) + list(tmp_path.rglob('*.png'))
    assert len(images) == len(devkit.sample) // len(devkit.scene)


def test_lists_and_counts(devkit, fake_root, capsys):
    devkit.list_categories()
    devkit.list_attributes()
    devkit.list_scenes()
    devkit.list_sample(devkit.sample[0]['token'])
    devkit.list_lidarseg_categories(sort_by='index')
    said = capsys.readouterr().out
    assert 'vehicle.car' in said and 'vehicle.moving' in said and 'synthetic-0003' in said
    labels = np.concatenate(
        [np.fromfile(fake_root / record['filename'], np.uint8) for record in devkit.lidarseg]
    )
    counts = np.bincount(labels, minlength=32)
    assert f'17  vehicle.car                              nbr_points={counts[17]:12,}' in said
    devkit.get_sample_lidarseg_stats(devkit.sample[0]['token'], sort_by='count')
    assert 'vehicle.car' in capsys.readouterr().out
