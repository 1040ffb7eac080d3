"""Data sets on disk: a rig of any cameras, each of its own size and lens, and labelled sweeps."""

from __future__ import annotations

import pickle
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from mmengine.dataset import pseudo_collate
from PIL import Image
from torch.utils.data import DataLoader

from stslidr.datasets.labelled_datasets import LidarSegKittiDataset, LidarSegNuScenesDataset
from stslidr.datasets.pretraining import CameraLidarDataset
from stslidr.datasets.transforms.cuboid_dropping import DropCuboids
from stslidr.datasets.transforms.image_augmentation import RandomFlipImages, RandomResizedCropImages
from stslidr.datasets.transforms.loading import LoadCameras, LoadSuperpixels, LoadSweep
from stslidr.datasets.transforms.packing import PackPairedSample
from stslidr.datasets.transforms.point_pixel_pairs import PairPointsWithPixels
from stslidr.datasets.transforms.voxelization import VoxelizeSweep
from stslidr.files.infos import read_infos, write_infos
from stslidr.files.superpixel_maps import SuperpixelManifest, write_map
from support.labelled_samples import loading_pipeline
from support.tiny_labelled import make_labelled_kitti, make_labelled_nuscenes

NUM_POINTS = 3000
SUPERPIXEL_EDGE = 20
SCENES = {'scene-c': 2, 'scene-a': 3, 'scene-d': 1, 'scene-b': 2}
SEQUENCES = {'00': 5, '08': 2, '10': 4}


@dataclass
class Rig:
    """Files of a rig, and the settings that read them."""

    root: Path
    infos: dict
    data_prefix: dict[str, str] = field(default_factory=dict)

    def write_infos(self) -> None:
        """Write the info file anew, after a change of `infos`."""
        (self.root / 'infos.pkl').write_bytes(pickle.dumps(self.infos))

    def path(self, sensor: str, sample: int = 0) -> Path:
        """The file of a sensor ('pts' or a camera)."""
        info = self.infos['data_list'][sample]
        name = (
            info['lidar_points']['lidar_path']
            if sensor == 'pts'
            else info['images'][sensor]['img_path']
        )
        return self.root / self.data_prefix[sensor] / name

    def superpixel_path(self, camera: str, sample: int = 0) -> Path:
        """The superpixel map of a camera image."""
        token = self.infos['data_list'][sample]['images'][camera]['sample_data_token']
        return self.root / 'superpixels' / f'{token}.png'

    def pipeline(self, augmented: bool = True, superpixels: bool = True, **loading: object) -> list:
        """All our transforms in the published order."""
        maps = [LoadSuperpixels('superpixels', 256)] if superpixels else []
        augmentation = [
            DropCuboids(min_pairs=20),
            RandomResizedCropImages(size=(24, 32), min_pairs=20),
            RandomFlipImages(),
        ]
        return [
            LoadSweep(**{'load_dim': 5, **loading}),
            LoadCameras(),
            *maps,
            PairPointsWithPixels(),
            *(augmentation if augmented else []),
            VoxelizeSweep(size=(0.5, 2.0, 0.5)),
            PackPairedSample(),
        ]

    def dataset(self, pipeline: list | None = None, **settings: object) -> CameraLidarDataset:
        """The dataset over the info file."""
        return CameraLidarDataset(
            **{
                'ann_file': 'infos.pkl',
                'data_root': str(self.root),
                'data_prefix': self.data_prefix,
                'pipeline': self.pipeline() if pipeline is None else pipeline,
                **settings,
            }
        )


def look_along(yaw: float) -> np.ndarray:
    """lidar2cam of a camera 0.2 m ahead of the LiDAR that looks along a yaw in the x-y plane."""
    cosine, sine = np.cos(yaw), np.sin(yaw)
    lidar2cam = np.eye(4)
    lidar2cam[:3, :3] = [[sine, -cosine, 0], [0, 0, -1], [cosine, sine, 0]]
    lidar2cam[2, 3] = -0.2
    return lidar2cam


def write_camera(rig: Rig, name: str, size: tuple[int, int], token: str, yaw: float) -> dict:
    """Write an image, red = row and green = column, and its superpixels; return its info."""
    rows, columns = np.mgrid[: size[0], : size[1]]
    folder = rig.root / rig.data_prefix[name]
    folder.mkdir(parents=True, exist_ok=True)
    image = np.stack([rows, columns, np.full_like(rows, int(token[-2:]))], axis=2)
    Image.fromarray(image.astype(np.uint8)).save(folder / f'{token}.png')
    labels = rows // SUPERPIXEL_EDGE * 16 + columns // SUPERPIXEL_EDGE
    write_map(rig.root / 'superpixels' / f'{token}.png', labels)
    focal = size[1] / 2
    return {
        'img_path': f'{token}.png',
        'sample_data_token': token,
        'height': size[0],
        'width': size[1],
        'lidar2cam': look_along(yaw).tolist(),
        'cam2img': [[focal, 0, size[1] / 2], [0, focal, size[0] / 2], [0, 0, 1]],
    }


def write_sweep(rig: Rig, name: str, rng: np.random.Generator) -> dict:
    """Write a sweep of 5 columns, the fourth the point's number; return its info."""
    bearing, distance = rng.uniform(-np.pi, np.pi, NUM_POINTS), rng.uniform(3, 30, NUM_POINTS)
    sweep = np.stack(
        [
            distance * np.cos(bearing),
            distance * np.sin(bearing),
            distance * rng.uniform(-0.3, 0.3, NUM_POINTS),
            np.arange(NUM_POINTS),
            rng.integers(0, 32, NUM_POINTS),
        ],
        axis=1,
    ).astype('<f4')
    folder = rig.root / rig.data_prefix['pts']
    folder.mkdir(parents=True, exist_ok=True)
    sweep.tofile(folder / name)
    return {'lidar_path': name, 'num_pts_feats': 5, 'num_points': NUM_POINTS}


@pytest.fixture
def make_rig(tmp_path):
    """Function (image_sizes, samples) -> Rig; no file is a label file, though infos name one."""

    def make(image_sizes: list[tuple[int, int]] = ((90, 160), (64, 64)), samples: int = 1) -> Rig:
        rng = np.random.default_rng(len(image_sizes))
        names = [f'eye{camera}' for camera in range(len(image_sizes))]
        rig = Rig(
            tmp_path,
            {'metainfo': {'dataset': 'made-up'}, 'data_list': []},
            {'pts': 'sweeps', **{name: f'images/{name}' for name in names}},
        )
        (rig.root / 'superpixels').mkdir()
        for sample in range(samples):
            cameras = {
                name: write_camera(
                    rig, name, size, f's{sample}c{camera:02d}', yaw=2 * np.pi * camera / len(names)
                )
                for camera, (name, size) in enumerate(zip(names, image_sizes, strict=True))
            }
            rig.infos['data_list'].append(
                {
                    'token': f'sample{sample}',
                    'sample_idx': sample,
                    'images': cameras,
                    'lidar_points': write_sweep(rig, f'{sample}.bin', rng),
                    'pts_semantic_mask_path': 'absent.bin',
                    'instances': [{'bbox_label_3d': 1}],
                }
            )
        SuperpixelManifest(
            method='grid',
            parameters={},
            library='none',
            library_version='0',
            num_maps=samples * len(names),
            image_sizes=[],
            highest_id=0,
            highest_id_map='s0c00.png',
        ).write(rig.root / 'superpixels')
        rig.write_infos()
        return rig

    return make


@pytest.fixture
def load_batches():
    """Function (dataset, keys, workers, persistent) -> collated batches of two, in order."""
    return batches


def batches(dataset, keys, workers, persistent=False):
    """Two samples a batch, as the runner loads them."""
    loader = DataLoader(
        dataset,
        batch_size=2,
        sampler=keys,
        num_workers=workers,
        collate_fn=pseudo_collate,
        persistent_workers=persistent,
    )
    iterator = iter(loader)
    try:
        return list(iterator)
    finally:
        if workers:  # else torch waits 5 s for a worker whose loader an error keeps alive
            iterator._shutdown_workers()


@pytest.fixture(scope='module')
def nuscenes_root(tmp_path_factory):
    root = tmp_path_factory.mktemp('nuscenes')
    make_labelled_nuscenes(root, SCENES)
    return root


@pytest.fixture(scope='module')
def kitti_root(tmp_path_factory):
    root = tmp_path_factory.mktemp('kitti')
    make_labelled_kitti(root, SEQUENCES)
    return root


@pytest.fixture
def nuscenes(nuscenes_root):
    """Function (settings) -> the dataset over the made-up nuScenes."""
    return lambda **settings: LidarSegNuScenesDataset(
        **{
            'ann_file': 'nuscenes_infos_train.pkl',
            'data_root': str(nuscenes_root),
            'pipeline': loading_pipeline(5),
            **settings,
        }
    )


@pytest.fixture
def kitti(kitti_root):
    """Function (settings) -> the dataset over the made-up SemanticKITTI."""
    return lambda **settings: LidarSegKittiDataset(
        **{
            'ann_file': 'semantickitti_infos_train.pkl',
            'data_root': str(kitti_root),
            'pipeline': loading_pipeline(4),
            **settings,
        }
    )


@pytest.fixture
def copied_infos(nuscenes_root, tmp_path):
    """Function (change) -> path of an info file whose data list was changed, and its splits."""

    def make(change):
        infos = read_infos(nuscenes_root / 'nuscenes_infos_train.pkl')
        change(infos)
        write_infos(tmp_path / 'infos.pkl', infos['metainfo'], infos['data_list'])
        name = 'nuscenes_label_splits.json'
        (tmp_path / name).write_bytes((nuscenes_root / name).read_bytes())
        return str(tmp_path / 'infos.pkl')

    return make
