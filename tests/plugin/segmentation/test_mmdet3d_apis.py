"""The segmentor as an ordinary MMDetection3D model: its functions and its inferencer."""

import json
from types import SimpleNamespace

import numpy as np
import pytest
import torch

import stslidr.plugin  # noqa: F401
from stslidr.dataset_records.nuscenes import LIDARSEG
from stslidr.files.predicted_labels import encode_predictions
from support.tiny_labelled import make_labelled_nuscenes
from support.tiny_run import forget_runs
from support.tiny_segmentation import SCENES, tiny_segmentor
from support.tiny_weights import save_segmentor
from support.tools import call


@pytest.fixture(scope='module')
def run(tmp_path_factory):
    """Config file, checkpoint, two sweeps and the labels that tools/predict.py writes for them."""
    folder = tmp_path_factory.mktemp('run')
    make_labelled_nuscenes(folder / 'data', SCENES)
    config = tiny_segmentor(folder / 'data', folder / 'work')
    save_segmentor(config, folder / 'weights.pth')
    config.dump(folder / 'config.py')
    sweeps = sorted(map(str, (folder / 'data/samples/LIDAR_TOP').iterdir()))[:2]
    command = ('predict.py', folder / 'config.py', folder / 'weights.pth', *sweeps)
    call(*command, '--out', folder / 'out', '--device', 'cpu')
    labels = [
        (folder / 'out' / path.name).read_bytes()
        for path in sorted((folder / 'out').glob('*_lidarseg.bin'))
    ]
    assert len(set(b''.join(labels))) > 1
    return SimpleNamespace(
        config=str(folder / 'config.py'),
        checkpoint=str(folder / 'weights.pth'),
        sweeps=sweeps,
        labels=labels,
    )


def encoded(mask):
    return encode_predictions(np.asarray(mask), LIDARSEG).tobytes()


def check_inference_segmentor(run, device):
    from mmdet3d.apis import inference_segmentor, init_model

    model = init_model(run.config, run.checkpoint, device=device)
    assert model.dataset_meta['classes'][3] == 'car' and len(model.dataset_meta['palette']) == 16
    stored = torch.load(run.checkpoint, weights_only=True)['state_dict']
    for name, value in model.state_dict().items():
        assert torch.equal(value.cpu(), stored[name]), name
    result, _ = inference_segmentor(model, run.sweeps[0])
    assert encoded(result.pred_pts_seg.pts_semantic_mask.cpu()) == run.labels[0]
    assert result.pts_seg_logits.pts_seg_logits.shape == (16, len(run.labels[0]))
    results, _ = inference_segmentor(model, run.sweeps)
    found = [encoded(one.pred_pts_seg.pts_semantic_mask.cpu()) for one in results]
    assert found == run.labels


def check_inferencer(run, device):
    """`out_dir=''`, its default, writes nothing and asks for no open3d."""
    from mmdet3d.apis import LidarSeg3DInferencer

    forget_runs()
    inferencer = LidarSeg3DInferencer(run.config, run.checkpoint, device=device)
    inferencer.show_progress = False
    for sweep, labels in zip(run.sweeps, run.labels, strict=True):
        answer = inferencer(dict(points=sweep))
        assert [encoded(one['pts_semantic_mask']) for one in answer['predictions']] == [labels]
        points = np.fromfile(sweep, '<f4').reshape(-1, 5)[:, :4]  # arrays: the columns in use
        answer = inferencer(dict(points=points), return_datasamples=True)
        assert encoded(answer['predictions'][0].pred_pts_seg.pts_semantic_mask.cpu()) == labels


def test_init_model_and_inference_segmentor(run):
    check_inference_segmentor(run, 'cpu')


def test_the_inferencer(run):
    check_inferencer(run, 'cpu')


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason='no CUDA device on this machine')
@pytest.mark.parametrize('check', [check_inference_segmentor, check_inferencer])
def test_on_cuda_as_on_the_cpu(run, check):
    check(run, 'cuda:0')


def test_the_inferencer_writes_what_it_predicts(run, tmp_path):
    from mmdet3d.apis import LidarSeg3DInferencer

    forget_runs()
    inferencer = LidarSeg3DInferencer(run.config, run.checkpoint, device='cpu')
    inferencer.show_progress = False
    inferencer(dict(points=run.sweeps[0]), out_dir=str(tmp_path), no_save_vis=True)
    (written,) = tmp_path.rglob('*.json')
    assert encoded(json.loads(written.read_text())['pts_semantic_mask']) == run.labels[0]


def test_broken_sweeps_are_named_in_inference_too(run, tmp_path):
    from mmdet3d.apis import LidarSeg3DInferencer, inference_segmentor, init_model

    forget_runs()
    broken = tmp_path / 'broken.bin'
    broken.write_bytes(b'\0' * 36)
    model = init_model(run.config, run.checkpoint, device='cpu')
    inferencer = LidarSeg3DInferencer(run.config, run.checkpoint, device='cpu')
    with pytest.raises(ValueError, match=r'broken\.bin'):
        inference_segmentor(model, str(broken))
    with pytest.raises(ValueError, match=r'broken\.bin'):
        inferencer(dict(points=str(broken)))
