"""Cameras, LiDAR and boxes of a synthetic data set agree, by nuscenes-devkit's own arithmetic."""

from pathlib import Path

import numpy as np
import pytest
from nuscenes.nuscenes import NuScenes, NuScenesExplorer
from nuscenes.utils.geometry_utils import points_in_box
from PIL import Image
from pyquaternion import Quaternion

from support.sensor_agreement import Calibration, calibration, compare, merge, project
from support.sensor_agreement import robust_spread as spread

CAMERAS = (
    'CAM_FRONT',
    'CAM_FRONT_RIGHT',
    'CAM_FRONT_LEFT',
    'CAM_BACK',
    'CAM_BACK_LEFT',
    'CAM_BACK_RIGHT',
)
RANGE_NOISE = 0.02  # metres, one standard deviation
MARGIN = 0.5  # metres behind a surface at which a point counts as hidden
STATIC = (24, 25, 26, 27, 28, 29, 30)
"""Lidarseg ids of what stands still; what moves is elsewhere when the camera looks."""
UPRIGHT = (28, 29, 30)
"""Those of them that are not flat."""
DEPTH_UNITS = 256  # a metre


@pytest.fixture(scope='module')
def devkit(synthetic_root):
    return NuScenes('v1.0-synthetic', str(synthetic_root), verbose=False)


def read_sweep(devkit, sample):
    """The sweep (N, 5) and its labels (N,)."""
    token = sample['data']['LIDAR_TOP']
    labels = Path(devkit.dataroot, devkit.get('lidarseg', token)['filename'])
    return (
        np.fromfile(devkit.get_sample_data_path(token), np.float32).reshape(-1, 5),
        np.fromfile(labels, np.uint8),
    )


def read_maps(devkit, token):
    """Depth map in metres, infinite for the sky, and class map of an image."""
    folder = Path(devkit.dataroot, 'diagnostics')
    depths = np.array(Image.open(folder / 'depth_maps' / f'{token}.png')) / DEPTH_UNITS
    return (
        np.where(depths > 0, depths, np.inf),
        np.array(Image.open(folder / 'class_maps' / f'{token}.png')),
    )


def compare_cameras(devkit, with_ego_motion):
    """The comparisons of each camera's images, one a keyframe."""
    found = {camera: [] for camera in CAMERAS}
    for sample in devkit.sample:
        sweep, labels = read_sweep(devkit, sample)
        lidar = calibration(devkit, sample['data']['LIDAR_TOP'])
        for name in CAMERAS:
            camera = calibration(devkit, sample['data'][name])
            if not with_ego_motion:
                camera = Calibration(camera.sensor, lidar.ego)
            depth_map, class_map = read_maps(devkit, sample['data'][name])
            projection = project(sweep, lidar, camera, depth_map.shape)
            found[name].append(compare(projection, labels, depth_map, class_map, MARGIN))
    return found


@pytest.fixture(scope='module')
def agreements(devkit):
    return compare_cameras(devkit, with_ego_motion=True)


@pytest.fixture(scope='module')
def agreements_without_ego_motion(devkit):
    return compare_cameras(devkit, with_ego_motion=False)


def share_within_noise(agreement, kinds):
    """Share of the points of these labels that lie within five deviations of the surface."""
    own = np.isin(agreement.residual_labels, kinds)
    return np.mean(np.abs(agreement.residuals[own]) < 5 * RANGE_NOISE)


def label_agreement(agreement):
    return np.mean(agreement.labels == agreement.classes)


def test_the_projection_is_the_devkits(devkit):
    """The devkit rounds to float32 and rounds away those within that of the border."""
    explorer = NuScenesExplorer(devkit)
    sample = devkit.sample[0]
    sweep, _ = read_sweep(devkit, sample)
    lidar = calibration(devkit, sample['data']['LIDAR_TOP'])
    for name in CAMERAS:
        theirs, depths, image = explorer.map_pointcloud_to_image(
            sample['data']['LIDAR_TOP'], sample['data'][name]
        )
        ours = project(sweep, lidar, calibration(devkit, sample['data'][name]), image.size[::-1])
        assert len(ours.index) == len(depths) > 500, name
        np.testing.assert_allclose(ours.depths, depths, rtol=0, atol=1e-2)
        np.testing.assert_allclose(ours.positions, theirs[:2].T, rtol=0, atol=0.2)


@pytest.mark.parametrize('camera', CAMERAS)
def test_points_lie_on_the_surfaces_that_cameras_see(agreements, camera):
    for found in agreements[camera]:
        assert share_within_noise(found, STATIC) > 0.99
        assert found.hidden < 0.15
    found = merge(agreements[camera])
    residuals = found.residuals[np.isin(found.residual_labels, STATIC)]
    assert len(residuals) > 5000
    assert 0.5 * RANGE_NOISE < spread(residuals) < 1.5 * RANGE_NOISE
    assert abs(np.median(residuals)) < 0.25 * RANGE_NOISE


@pytest.mark.parametrize('camera', CAMERAS)
def test_cameras_and_lidar_see_the_same_classes(agreements, camera):
    for found in agreements[camera]:
        assert len(found.labels) > 1000
        assert len(set(found.labels.tolist())) > 2
        assert label_agreement(found) >= 0.98


def test_leaving_ego_motion_out_breaks_both(agreements, agreements_without_ego_motion):
    """Upright things show it best: a vehicle that drives on a plane moves, the plane does not."""
    right, wrong = (
        [one for images in found.values() for one in images]
        for found in (agreements, agreements_without_ego_motion)
    )
    assert share_within_noise(merge(right), UPRIGHT) > 0.99
    assert share_within_noise(merge(wrong), UPRIGHT) < 0.9
    assert min(share_within_noise(one, STATIC) for one in wrong) < 0.8
    assert min(label_agreement(one) for one in wrong) < 0.97


def test_the_vehicle_moves_between_lidar_and_cameras(devkit):
    moved = []
    for sample in devkit.sample:
        poses = [
            np.array(calibration(devkit, sample['data'][name]).ego['translation'])
            for name in ('LIDAR_TOP', *CAMERAS)
        ]
        moved.append(max(np.linalg.norm(pose - poses[0]) for pose in poses[1:]))
    assert max(moved) > 0.1 and max(moved) < 1.0


def test_boxes_hold_as_many_points_as_they_say(devkit):
    """Counted by the devkit; points within a tenth of a millimetre of a side may go either way."""
    filled = 0
    for sample in devkit.sample:
        sweep, _ = read_sweep(devkit, sample)
        lidar = calibration(devkit, sample['data']['LIDAR_TOP'])
        points = sweep[:, :3].astype(np.float64).T
        for row in (lidar.sensor, lidar.ego):
            rotation = Quaternion(row['rotation']).rotation_matrix
            points = rotation @ points + np.array(row['translation'])[:, None]
        for token in sample['anns']:
            box, row = devkit.get_box(token), devkit.get('sample_annotation', token)
            slack = 2e-4 / box.wlh.min()
            fewest, most = (
                np.count_nonzero(points_in_box(box, points, factor))
                for factor in (1 - slack, 1 + slack)
            )
            assert fewest <= row['num_lidar_pts'] <= most, row
            filled += fewest > 0
    assert filled > 5 * len(devkit.sample)
