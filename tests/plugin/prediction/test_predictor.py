"""A predictor's labels are those of the model itself; what cannot label is refused."""

from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.registry import init_default_scope
from PIL import Image

import stslidr.plugin  # noqa: F401
from stslidr.core.voxels import VoxelGrid
from stslidr.dataset_records.nuscenes import NUSCENES
from stslidr.dataset_records.semantickitti import SEMANTIC_KITTI
from stslidr.errors import InputError, MissingFileError
from stslidr.files.hashing import hash_file
from stslidr.prediction import predictor as module
from stslidr.prediction.predictor import Predictor, choose_device
from stslidr.prediction.predictor import tested_record as record_of_tested
from support.tiny_run import CONFIGS
from support.tiny_tested import make_tested

USE_DIM = 'test_dataloader__dataset__pipeline__LoadPointsFromFile__use_dim'
SWEEP = 'sequences/08/velodyne/000001.bin'


@pytest.fixture(scope='module')
def made(tmp_path_factory):
    return make_tested(tmp_path_factory.mktemp('predictor'))


@pytest.fixture(scope='module')
def predictor(made):
    return Predictor(made.config(), str(made.path), 'cpu')


def by_hand(made, sweep):
    """Highest logit of each point, by the model's own forward over the test set's pipeline."""
    from mmdet3d.registry import DATASETS, MODELS
    from mmengine.dataset import pseudo_collate

    init_default_scope('mmdet3d')
    config = made.config()
    model = MODELS.build(config.model).eval()
    model.load_state_dict(made.checkpoint.weights)
    dataset = DATASETS.build(config.test_dataloader.dataset)
    paths = [dataset.get_data_info(index)['lidar_path'] for index in range(len(dataset))]
    batch = pseudo_collate([dataset[paths.index(str(sweep))]])
    with torch.no_grad():
        (sample,) = model.test_step(batch)
    return sample.pred_pts_seg.pts_semantic_mask.numpy()


def test_labels_are_those_of_a_test_of_the_model(made, predictor):
    sweep = made.root / SWEEP
    classes, points = predictor(sweep)
    assert classes.dtype == np.int64 and set(classes) <= set(range(19))
    assert (classes == by_hand(made, sweep)).all()
    stored = np.fromfile(sweep, np.float32).reshape(-1, 4)
    assert points.dtype == np.float32 and (points[:, :3] == stored[:, :3]).all()
    assert len(set(classes)) > 1, 'weights that tell points apart'


def test_the_same_sweep_elsewhere_has_the_same_labels_and_needs_no_info_file(
    made, predictor, tmp_path
):
    copied = tmp_path / 'a.bin'
    copied.write_bytes((made.root / SWEEP).read_bytes())
    assert (predictor(copied)[0] == predictor(made.root / SWEEP)[0]).all()


def test_the_origin_follows_weights_model_and_pipeline_alone(made, predictor):
    assert predictor.origin['checkpoint_sha256'] == hash_file(made.path)
    before = predictor.origin['config_sha256']

    def origin(**options):
        return Predictor(made.config(**options), str(made.path), 'cpu').origin['config_sha256']

    assert origin(log_level='ERROR', test_dataloader__batch_size=3) == before
    assert origin(**{USE_DIM: [0, 1, 2, 3]}) != before
    assert predictor.record is SEMANTIC_KITTI


@pytest.mark.parametrize(
    ('content', 'kind', 'says'),
    [
        (None, MissingFileError, r'bad\.bin'),
        (b'12345', InputError, r'bad\.bin'),
        (np.full((4, 4), np.nan, np.float32).tobytes(), InputError, r'bad\.bin'),
        (np.full((4, 4), 9, np.float32).tobytes(), InputError, r'bad\.bin'),
    ],
    ids=['absent', 'cut', 'nan', 'intensity'],
)
def test_a_damaged_sweep_is_named(predictor, tmp_path, content, kind, says):
    if content is not None:
        (tmp_path / 'bad.bin').write_bytes(content)
    with pytest.raises(kind, match=says):
        predictor(tmp_path / 'bad.bin')


def test_another_number_of_labels_than_points_is_refused(made, predictor, monkeypatch):
    infer = module.inference_segmentor

    def cut(model, path):
        result, data = infer(model, path)
        data['inputs']['points'] = data['inputs']['points'][1:]
        return result, data

    monkeypatch.setattr(module, 'inference_segmentor', cut)
    with pytest.raises(InputError, match=r'000001\.bin: \d+ predictions for \d+ points'):
        predictor(made.root / SWEEP)


def test_a_pipeline_that_drops_points_is_refused(made, predictor, monkeypatch):
    infer = module.inference_segmentor

    def drop(model, path):
        result, data = infer(model, path)
        data['inputs']['points'] = data['inputs']['points'][1:]
        result.pred_pts_seg.pts_semantic_mask = result.pred_pts_seg.pts_semantic_mask[1:]
        return result, data

    monkeypatch.setattr(module, 'inference_segmentor', drop)
    with pytest.raises(InputError, match=r'000001\.bin: .*a transform of the test pipeline drops'):
        predictor(made.root / SWEEP)


def test_pictures_are_in_the_colours_of_the_record(predictor, tmp_path):
    points = np.array([[10.0, 5, 0, 0]] * 300) + np.random.default_rng(0).uniform(-2, 2, (300, 4))
    predictor.draw(tmp_path / 'a.png', np.full(300, 3), points, 'title')
    pixels = np.asarray(Image.open(tmp_path / 'a.png').convert('RGB')).reshape(-1, 3)
    assert (pixels == SEMANTIC_KITTI.palette[3]).all(axis=1).sum() > 100
    assert not (pixels == SEMANTIC_KITTI.palette[4]).all(axis=1).any()


def test_weights_that_do_not_fit_are_refused(made, tmp_path):
    with pytest.raises(MissingFileError, match=r'absent\.pth'):
        Predictor(made.config(), str(tmp_path / 'absent.pth'), 'cpu')
    weights = made.checkpoint.weights
    torch.save(dict(state_dict={name: weights[name] for name in list(weights)[1:]}), tmp_path / 'a')
    with pytest.raises(InputError, match='does not fit the model'):
        Predictor(made.config(), str(tmp_path / 'a'), 'cpu')
    grid = VoxelGrid('cartesian', (1.0, 1.0, 1.0)).describe()
    meta = dict(dataset_meta=dict(voxel_grid=grid))
    torch.save(dict(state_dict=dict(weights), meta=meta), tmp_path / 'b')
    with pytest.raises(InputError, match='was trained on cartesian'):
        Predictor(made.config(), str(tmp_path / 'b'), 'cpu')


@pytest.mark.parametrize(
    ('name', 'record'),
    [('finetune_1pct_nuscenes', NUSCENES), ('scratch_100pct_semantickitti', SEMANTIC_KITTI)],
)
def test_the_record_is_that_of_the_test_set(name, record):
    config = Config.fromfile(CONFIGS / f'{name}.py', import_custom_modules=False)
    assert record_of_tested(config) is record


def test_a_test_set_without_a_record_is_refused():
    config = Config.fromfile(CONFIGS / 'stslidr_dino.py', import_custom_modules=False)
    with pytest.raises(InputError, match='tests on CameraLidarDataset, whose label files'):
        record_of_tested(config)
    with pytest.raises(InputError, match='has no test_dataloader'):
        record_of_tested(Config(dict(model={})))


@pytest.mark.parametrize('name', ['cuda:', 'cuda:-1', 'cuda:a', 'CPU', 'gpu', '', 'cuda:0:1'])
def test_names_that_are_no_device(monkeypatch, name):
    monkeypatch.setattr(torch.cuda, 'device_count', lambda: 2)
    with pytest.raises(InputError, match='give cpu, cuda or cuda:N'):
        choose_device(name)


def test_a_folder_is_no_checkpoint(made, tmp_path):
    with pytest.raises(InputError, match='is a folder'):
        Predictor(made.config(), str(Path(tmp_path)), 'cpu')
