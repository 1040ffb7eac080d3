"""tools/test.py: the scores of training, submissions, augmented copies, corruptions."""

import json
import re
import shutil
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.dataset import pseudo_collate
from nuscenes import NuScenes
from nuscenes.eval.lidarseg import utils as devkit_utils
from nuscenes.eval.lidarseg import validate_submission as devkit
from sklearn.metrics import jaccard_score

import stslidr.plugin  # noqa: F401
from stslidr.checkpoints import checkpoint
from stslidr.dataset_records.nuscenes import LIDARSEG
from stslidr.dataset_records.semantickitti import SEMANTIC_KITTI_LABELS
from stslidr.files import hashing, lidarseg_classes
from stslidr.files.infos import read_infos, write_infos
from stslidr.running.launch import build_runner
from support.tiny_labelled import make_labelled_kitti, make_labelled_nuscenes
from support.tiny_nuscenes import edit_table
from support.tiny_run import forget_runs, tiny_config, train
from support.tiny_segmentation import SCENES, SEQUENCES, tiny_segmentor
from support.tiny_weights import save_segmentor
from support.tools import assert_mistake, call


@pytest.fixture(scope='module')
def nuscenes(tmp_path_factory):
    """A run of one epoch: data, config file, checkpoint, what its validation logged."""
    folder = tmp_path_factory.mktemp('nuscenes')
    make_labelled_nuscenes(folder / 'data', SCENES)
    forget_runs()
    config = tiny_segmentor(folder / 'data', folder / 'work', 'scratch_1pct_nuscenes', epochs=1)
    runner = build_runner(config)
    runner.train()
    config.dump(folder / 'config.py')
    logged = {
        name.removeprefix('val/'): buffer.current()
        for name, buffer in runner.message_hub.log_scalars.items()
        if name.startswith('val/seg/')
    }
    return SimpleNamespace(
        root=folder / 'data',
        config=folder / 'config.py',
        checkpoint=folder / 'work' / 'epoch_1.pth',
        logged=logged,
    )


@pytest.fixture(scope='module')
def kitti(tmp_path_factory):
    """Random weights for a made-up SemanticKITTI."""
    folder = tmp_path_factory.mktemp('kitti')
    make_labelled_kitti(folder / 'data', SEQUENCES)
    config = tiny_segmentor(folder / 'data', folder / 'work', 'finetune_1pct_semantickitti')
    save_segmentor(config, folder / 'weights.pth')
    config.dump(folder / 'config.py')
    return SimpleNamespace(
        root=folder / 'data', config=folder / 'config.py', checkpoint=folder / 'weights.pth'
    )


def score(run, tmp_path, *options):
    """Test with a result file; return its content."""
    path = tmp_path / 'result.json'
    call(
        'test.py',
        run.config,
        run.checkpoint,
        '--work-dir',
        tmp_path / 'work',
        '--json',
        path,
        *options,
    )
    return json.loads(path.read_text())


def refused(capsys, match, run, tmp_path, *options):
    """Test, which must end with one line of error."""
    command = ('test.py', run.config, run.checkpoint, '--work-dir', tmp_path / 'work')
    assert_mistake(capsys, match, *command, '--json', tmp_path / 'refused.json', *options)
    assert not (tmp_path / 'refused.json').exists()


def read_pair(path, label_path, label_format):
    """Classes of a label file and of its prediction file."""
    raw = np.fromfile(label_path, label_format.dtype) & (2**label_format.semantic_bits - 1)
    return label_format.class_table[raw], np.fromfile(path, label_format.dtype)


def test_the_last_validation_and_the_test_give_one_number(nuscenes, tmp_path):
    result = score(nuscenes, tmp_path)
    assert result['metrics'] == nuscenes.logged and len(nuscenes.logged) > 15
    assert result['segmentation']['all']['miou'] == nuscenes.logged['seg/miou'] > 0
    stored = torch.load(nuscenes.checkpoint, weights_only=True)['meta']['dataset_meta']
    assert result['label_split'] == stored['label_split'] == '100pct'
    assert result['label_split_sha256'] == stored['label_split_sha256']
    assert result['num_samples'] == 8 and result['config'] == str(nuscenes.config)
    log = next((tmp_path / 'work').glob('*/*.log')).read_text()
    assert 'was trained on label split 100pct' in log and stored['label_split_sha256'] in log


def test_the_checkpoint_is_read_and_hashed_once(nuscenes, tmp_path, monkeypatch):
    loads, hashed, load, sha256 = [], [], torch.load, hashing.hash_file

    def count(called, function):
        return lambda path, **options: called.append(str(path)) or function(path, **options)

    monkeypatch.setattr(torch, 'load', count(loads, load))
    monkeypatch.setattr(checkpoint, 'hash_file', count(hashed, sha256))
    result = score(nuscenes, tmp_path)
    assert loads == hashed == [str(nuscenes.checkpoint)]
    assert result['checkpoint_sha256'] == sha256(nuscenes.checkpoint)


def test_a_result_has_the_confusion_of_each_scene(nuscenes, tmp_path):
    result = score(nuscenes, tmp_path, '--out', tmp_path / 'out')
    expected = {scene: np.zeros((16, 16), int) for scene in SCENES}
    for info in read_infos(nuscenes.root / 'nuscenes_infos_train.pkl')['data_list']:
        token = info['lidar_points']['sample_data_token']
        truth, guess = read_pair(
            tmp_path / 'out/lidarseg/train' / f'{token}_lidarseg.bin',
            nuscenes.root / 'lidarseg/v1.0-tiny' / info['pts_semantic_mask_path'],
            LIDARSEG,
        )
        for label, prediction in zip(truth, guess, strict=True):
            if label != LIDARSEG.ignored:
                expected[info['scene_name']][label, prediction - 1] += 1
    found = result['segmentation']['confusion']
    assert found == {scene: counts.tolist() for scene, counts in expected.items()}
    augmented = score(nuscenes, tmp_path, '--tta')['segmentation']['confusion']
    assert augmented.keys() == found.keys()
    for scene, counts in augmented.items():
        np.testing.assert_array_equal(np.sum(counts, axis=1), expected[scene].sum(axis=1))


def test_a_lidarseg_submission_is_what_was_scored_and_passes_the_devkit(
    nuscenes, tmp_path, monkeypatch
):
    result = score(nuscenes, tmp_path, '--out', tmp_path / 'out')
    folder = tmp_path / 'out' / 'lidarseg' / 'train'
    infos = read_infos(nuscenes.root / 'nuscenes_infos_train.pkl')['data_list']
    labels, predictions = [], []
    for info in infos:
        token = info['lidar_points']['sample_data_token']
        truth, guess = read_pair(
            folder / f'{token}_lidarseg.bin',
            nuscenes.root / 'lidarseg/v1.0-tiny' / info['pts_semantic_mask_path'],
            LIDARSEG,
        )
        assert len(truth) == len(guess) == info['lidar_points']['num_points']
        labels.append(truth)
        predictions.append(guess.astype(int) - 1)
    assert len(list(folder.iterdir())) == len(infos)
    truth, guess = np.concatenate(labels), np.concatenate(predictions)
    scored = truth != LIDARSEG.ignored
    expected = jaccard_score(truth[scored], guess[scored], labels=range(16), average='macro')
    assert result['metrics']['seg/miou'] == pytest.approx(expected, rel=1e-12)
    validate_by_devkit(complete_tables(nuscenes.root, tmp_path), tmp_path / 'out', monkeypatch)


def complete_tables(root, tmp_path):
    """Copy the data and add to the tables what the devkit's check reads: categories, links."""
    copy = tmp_path / 'copy'
    shutil.copytree(root, copy)
    version = copy / 'v1.0-tiny'
    scenes = {}
    for sample in json.loads((version / 'sample.json').read_text()):
        scenes.setdefault(sample['scene_token'], []).append(sample['token'])

    def add_categories(rows):
        rows.extend(
            dict(token=name, name=name, index=raw, description='')
            for raw, name in lidarseg_classes.RAW_NAMES.items()
            if raw
        )

    def add_ends(rows):
        for row in rows:
            tokens = scenes[row['token']]
            row['first_sample_token'], row['last_sample_token'] = tokens[0], tokens[-1]

    def add_next(rows):
        for row in rows:
            row['next'] = [*scenes[row['scene_token']], ''][
                scenes[row['scene_token']].index(row['token']) + 1
            ]

    def name_after_sweeps(rows):
        for row in rows:
            row['token'] = row['sample_data_token']

    for table, edit in (
        ('category', add_categories),
        ('scene', add_ends),
        ('sample', add_next),
        ('lidarseg', name_after_sweeps),
    ):
        edit_table(version, table, edit)
    return copy


def validate_by_devkit(root, submission, monkeypatch):
    """Let nuscenes-devkit check a submission, whole and with a point too few."""
    tables = NuScenes('v1.0-tiny', str(root), verbose=False)
    monkeypatch.setattr(
        devkit_utils, 'create_splits_scenes', lambda verbose: {'train': sorted(SCENES)}
    )
    assert len(devkit_utils.get_samples_in_eval_set(tables, 'train')) == 8
    devkit.validate_submission(tables, str(submission), 'train')
    victim = next((submission / 'lidarseg' / 'train').iterdir())
    victim.write_bytes(victim.read_bytes()[:-1])
    with pytest.raises(AssertionError, match='points in the point cloud'):
        devkit.validate_submission(tables, str(submission), 'train')


def test_a_semantickitti_submission_is_what_was_scored(kitti, tmp_path):
    result = score(kitti, tmp_path, '--out', tmp_path / 'out')
    written = sorted(
        path.relative_to(tmp_path / 'out').as_posix()
        for path in (tmp_path / 'out').rglob('*')
        if path.is_file()
    )
    assert written == [f'sequences/08/predictions/00000{n}.label' for n in range(3)]
    pairs = [
        read_pair(
            tmp_path / 'out' / path,
            kitti.root / path.replace('predictions', 'labels'),
            SEMANTIC_KITTI_LABELS,
        )
        for path in written
    ]
    truth = np.concatenate([pair[0] for pair in pairs])
    guess = SEMANTIC_KITTI_LABELS.class_table[np.concatenate([pair[1] for pair in pairs])]
    scored = truth != SEMANTIC_KITTI_LABELS.ignored
    expected = jaccard_score(truth[scored], guess[scored], labels=range(19), average='macro')
    assert result['metrics']['seg/miou'] == pytest.approx(expected, rel=1e-12)
    assert len(np.unique(guess)) > 1 and result['num_samples'] == 3


def test_an_unlabelled_test_set_is_predicted_and_not_scored(kitti, tmp_path, capsys):
    infos = read_infos(kitti.root / 'semantickitti_infos_val.pkl')
    for info in infos['data_list']:
        del info['pts_semantic_mask_path']
    write_infos(tmp_path / 'unlabelled.pkl', infos['metainfo'], infos['data_list'])
    options = (
        '--cfg-options',
        f'test_dataloader.dataset.ann_file={tmp_path}/unlabelled.pkl',
        'test_dataloader.dataset.load_eval_anns=False',
    )
    refused(capsys, r'000000\.bin: there are no labels .*--out', kitti, tmp_path, *options)
    result = score(kitti, tmp_path, '--out', tmp_path / 'bare', *options)
    assert result['metrics'] == {} and 'segmentation' not in result
    score(kitti, tmp_path, '--out', tmp_path / 'labelled')
    for number in range(3):
        name = f'sequences/08/predictions/00000{number}.label'
        assert (tmp_path / 'bare' / name).read_bytes() == (
            tmp_path / 'labelled' / name
        ).read_bytes()


def test_augmented_copies_are_averaged_over_their_softmax(kitti, tmp_path):
    from mmdet3d.apis import init_model
    from mmdet3d.registry import DATASETS

    result = score(kitti, tmp_path, '--tta', '--out', tmp_path / 'tta')
    plain = score(kitti, tmp_path, '--out', tmp_path / 'plain')
    assert result['test_time_augmentation'] and not plain['test_time_augmentation']
    assert result['config_sha256'] != plain['config_sha256']
    config = Config.fromfile(kitti.config)
    settings = config.test_dataloader.dataset
    before = DATASETS.build(settings)[1]
    model = init_model(Config.fromfile(kitti.config), str(kitti.checkpoint), device='cpu')
    copies = DATASETS.build({**settings, 'pipeline': config.tta_pipeline})[1]
    assert len(copies['inputs']) == 12
    assert torch.equal(copies['inputs'][0]['points'], before['inputs']['points'])
    total = 0
    for inputs, sample in zip(copies['inputs'], copies['data_samples'], strict=True):
        with torch.no_grad():
            found = model.test_step(pseudo_collate([dict(inputs=inputs, data_samples=sample)]))
        total = total + found[0].pts_seg_logits.pts_seg_logits.softmax(dim=0)
    name = 'sequences/08/predictions/000001.label'
    guess = np.fromfile(tmp_path / 'tta' / name, '<u4')
    assert (SEMANTIC_KITTI_LABELS.class_table[guess] == total.argmax(dim=0).numpy()).all()
    assert (tmp_path / 'plain' / name).read_bytes() != (tmp_path / 'tta' / name).read_bytes()
    ranges = [copy['points'][:, :3].norm(dim=1) for copy in copies['inputs']]
    turns = {round(float(torch.atan2(*copy['points'][0, [1, 0]])), 4) for copy in copies['inputs']}
    assert len(turns) == 12 and all(torch.allclose(ranges[0], other) for other in ranges)


def test_corruptions_go_on_where_they_stopped(nuscenes, tmp_path):
    work = ('--work-dir', tmp_path / 'work')
    command = ('test.py', nuscenes.config, nuscenes.checkpoint, *work)
    call(*command, '--corruptions', 'motion_blur')
    path = tmp_path / 'work' / 'corruptions.json'
    first = json.loads(path.read_text())
    assert first['metrics'] == nuscenes.logged, 'the clean pass is the plain test'
    assert set(first['corruptions']['motion_blur']) == {'light', 'moderate', 'heavy'}
    blurred = [cell['metrics']['seg/miou'] for cell in first['corruptions']['motion_blur'].values()]
    assert first['summary']['mean_resilience_rate'] == pytest.approx(
        np.mean(blurred) / first['metrics']['seg/miou']
    )
    del first['corruptions']['motion_blur']['heavy']
    (tmp_path / 'base.json').write_text(path.read_text())
    path.write_text(json.dumps(first))
    call(*command, '--corruptions', 'motion_blur', '--baseline', tmp_path / 'base.json')
    second, base = (json.loads(p.read_text()) for p in (path, tmp_path / 'base.json'))
    assert second['corruptions'] == base['corruptions']
    assert second['summary']['mean_corruption_error'] == 1.0, 'the model against itself'
    log = max((tmp_path / 'work').glob('*/*.log'), key=lambda file: file.stat().st_mtime)
    assert '3 corrupted passes, 1 of them to make' in log.read_text()
    assert re.search(r'\| motion_blur +\|( +\d+\.\d\d +\|){4} 100\.00', log.read_text())


def test_corruptions_with_labels_and_augmented_copies(kitti, tmp_path):
    result = score(
        kitti,
        tmp_path,
        '--corruptions',
        'incomplete_echo',
        '--tta',
        '--cfg-options',
        'test_dataloader.dataset.indices=1',
    )
    points = [
        cell['segmentation']['all']['num_points']
        for cell in result['corruptions']['incomplete_echo'].values()
    ]
    assert len(points) == 3 and result['num_samples'] == 1
    assert 'confusion' not in json.dumps(result), 'of one pass alone'


def test_a_pretraining_is_scored_as_before(tiny_data, tmp_path, capsys):
    config = tiny_config(tiny_data, tmp_path / 'work', epochs=1)
    train(config)
    config.dump(tmp_path / 'config.py')
    run = SimpleNamespace(
        config=tmp_path / 'config.py', checkpoint=tmp_path / 'work' / 'epoch_1.pth'
    )
    result = score(run, tmp_path)
    assert set(result['metrics']) == {'pretrain/loss', 'pretrain/top1_matching'}
    assert result['label_split'] is None
    refused(capsys, 'CameraLidarDataset', run, tmp_path, '--corruptions', 'fog')
    refused(
        capsys,
        'predictions for CameraLidarDataset have no format',
        run,
        tmp_path,
        '--out',
        tmp_path / 'out',
    )


def test_weights_of_another_model_or_other_voxels_are_refused(nuscenes, kitti, tmp_path, capsys):
    mixed = SimpleNamespace(config=nuscenes.config, checkpoint=kitti.checkpoint)
    refused(capsys, "other classes .*: class 0 is 'car' in it and 'barrier' here", mixed, tmp_path)
    refused(
        capsys,
        r'cylindrical \(0\.2, 1\.0, 0\.1\)',
        nuscenes,
        tmp_path,
        '--cfg-options',
        'test_dataloader.dataset.pipeline.VoxelizeSweep.size=[0.2,1.0,0.1]',
    )
    refused(
        capsys,
        r'cartesian \(0\.1, 1\.0, 0\.1\) ones',
        nuscenes,
        tmp_path,
        '--tta',
        '--cfg-options',
        'tta_pipeline.TestTimeAug.transforms.2.VoxelizeSweep.kind=cartesian',
    )


@pytest.mark.parametrize(
    'options',
    [
        ('--corruptions', 'hail'),
        ('--corruptions', 'fog', '--out', 'x'),
        ('--baseline', 'x.json'),
        ('--corruptions', 'fog', '--launcher', 'pytorch'),
    ],
)
def test_options_that_make_no_sense_show_the_usage(nuscenes, capsys, options):
    with pytest.raises(SystemExit, match='2'):
        call('test.py', nuscenes.config, nuscenes.checkpoint, *options)
    assert 'usage:' in capsys.readouterr().err


def test_a_config_without_augmented_copies_says_so(tmp_path, nuscenes, capsys):
    config = Config.fromfile(nuscenes.config)
    config.pop('tta_pipeline')
    config.dump(tmp_path / 'config.py')
    run = SimpleNamespace(config=tmp_path / 'config.py', checkpoint=nuscenes.checkpoint)
    refused(capsys, r'--tta needs tta_pipeline in .*config\.py', run, tmp_path, '--tta')


def test_a_pipeline_that_drops_points_gives_neither_scores_nor_labels(kitti, tmp_path, capsys):
    config = Config.fromfile(kitti.config)
    pipeline = config.test_dataloader.dataset.pipeline
    place = [step.type for step in pipeline].index('VoxelizeSweep')
    pipeline.insert(place, dict(type='PointsRangeFilter', point_cloud_range=[-30] * 3 + [30] * 3))
    config.dump(tmp_path / 'config.py')
    run = SimpleNamespace(config=tmp_path / 'config.py', checkpoint=kitti.checkpoint)
    refused(capsys, 'one of each is needed|drops points', run, tmp_path, '--out', tmp_path / 'out')
    assert not list((tmp_path / 'out').rglob('*.label'))
