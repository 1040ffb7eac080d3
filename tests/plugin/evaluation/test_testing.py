"""A test run: its config, its weights, and passes that are the same however often they are made."""

import copy

import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.hooks import Hook

import stslidr.plugin  # noqa: F401
from stslidr.checkpoints.checkpoint import Checkpoint
from stslidr.core.voxels import VoxelGrid
from stslidr.dataset_records.semantickitti import SEMANTIC_KITTI
from stslidr.errors import InputError
from stslidr.evaluation.result_types import BandScores, Origin, RobustnessSummary, Scored
from stslidr.evaluation.segmentation_metric import CONFUSION
from stslidr.evaluation.testing import ScoringRun, build_tta_model, log_label_split, prepare_config
from support.tiny_run import forget_runs
from support.tiny_tested import make_tested


@pytest.fixture(scope='module')
def tested(tmp_path_factory):
    return make_tested(tmp_path_factory.mktemp('tested'))


@pytest.fixture(scope='module')
def scored(tested):
    """One run with three passes: as configured, the same again, without scenes."""
    run = start(tested)
    passes = [run.run(), run.run(), run.run(by_scene=False)]
    run.close()
    return passes


def start(tested, checkpoint=None, tta=False, out=None, **options):
    forget_runs()
    config, checkpoint = tested.config(**options), checkpoint or tested.checkpoint
    prepare_config(config, checkpoint, tta)
    return ScoringRun(config, checkpoint, tta=tta, out=out)


def test_a_pass_gives_what_its_type_says(scored):
    """The types of results are those of the values; JSON files have the same."""
    first = scored[0]
    assert first.keys() == Scored.__required_keys__ | Scored.__optional_keys__
    assert first['num_samples'] == 3
    assert all(type(value) is float for value in first['metrics'].values())
    bands = {name: band for name, band in first['segmentation'].items() if name != CONFUSION}
    assert 'all' in bands and len(bands) > 1
    for band in bands.values():
        assert band.keys() == BandScores.__required_keys__
        assert list(band['iou']) == list(SEMANTIC_KITTI.classes)


def test_scores_are_those_of_the_confusion(scored):
    report = scored[0]['segmentation']
    assert list(report[CONFUSION]) == ['08']
    matrix = np.array(report[CONFUSION]['08'], float)
    union = matrix.sum(0) + matrix.sum(1) - np.diag(matrix)
    iou = np.diag(matrix)[union > 0] / union[union > 0]
    assert report['all']['num_points'] == matrix.sum()
    assert report['all']['accuracy'] == pytest.approx(np.trace(matrix) / matrix.sum())
    found = [value for value in report['all']['iou'].values() if value is not None]
    assert found == pytest.approx(iou.tolist())
    bands = [band for name, band in report.items() if name not in ('all', CONFUSION)]
    assert sum(band['num_points'] for band in bands) == report['all']['num_points']


def test_a_pass_leaves_nothing_to_the_next(scored):
    assert scored[0] == scored[1]


def test_scenes_may_be_left_out(scored):
    without = scored[2]['segmentation']
    assert CONFUSION not in without
    assert without == {k: v for k, v in scored[0]['segmentation'].items() if k != CONFUSION}


def test_another_loader_may_be_given(tested, scored):
    run = start(tested)
    loader = copy.deepcopy(run.config.test_dataloader)
    loader.dataset.indices = [2]
    part = run.run(loader)
    assert part['num_samples'] == 1
    assert part['segmentation']['all'] != scored[0]['segmentation']['all']
    assert run.run() == scored[0]
    run.close()


def test_batches_do_not_change_the_scores(tested, scored):
    run = start(tested, test_dataloader__batch_size=2)
    assert run.run()['segmentation'] == scored[0]['segmentation']


def test_the_weights_of_the_checkpoint_are_those_of_the_model(tested):
    run = start(tested)
    for name, value in run.runner.model.state_dict().items():
        assert torch.equal(value, tested.checkpoint.weights[name]), name


class Watch(Hook):
    """Notes what a run calls."""

    def __init__(self):
        self.seen = []

    def before_run(self, runner):
        self.seen.append('before')

    def after_test_epoch(self, runner, metrics=None):
        self.seen.append(len(runner.test_dataloader.dataset))

    def after_run(self, runner):
        self.seen.append('after')


def test_hooks_see_each_pass_with_its_loader(tested):
    run, watch = start(tested), Watch()
    run.runner.register_hook(watch)
    loader = copy.deepcopy(run.config.test_dataloader)
    loader.dataset.indices = 1
    run.run(loader)
    run.run()
    run.close()
    assert watch.seen == [1, 3, 'after']


def test_a_model_of_another_shape_is_refused_before_a_pass(tested, tmp_path):
    content = tested.checkpoint.copy_content()
    weights = dict(content['state_dict'])
    name = next(reversed(weights))
    del weights[name]
    torch.save({**content, 'state_dict': weights}, tmp_path / 'part.pth')
    with pytest.raises(InputError, match=rf'part\.pth does not fit .*{name}'):
        start(tested, Checkpoint.read(tmp_path / 'part.pth'))


def test_prepared_for_a_test(tested):
    config = tested.config(resume=True, load_from='other.pth')
    plain = copy.deepcopy(config.test_dataloader.dataset.pipeline)
    prepare_config(config, tested.checkpoint)
    assert (config.load_from, config.resume) == (str(tested.path), False)
    assert config.test_dataloader.dataset.pipeline == plain
    prepare_config(config, tested.checkpoint, tta=True)
    assert config.test_dataloader.dataset.pipeline == config.tta_pipeline != plain


@pytest.mark.parametrize(
    'missing', [('tta_model',), ('tta_pipeline',), ('tta_model', 'tta_pipeline')]
)
def test_augmented_copies_need_a_model_and_a_pipeline(tested, missing):
    config = tested.config()
    for name in missing:
        config.pop(name)
    with pytest.raises(InputError, match=f'--tta needs {" and ".join(missing)} in '):
        prepare_config(config, tested.checkpoint, tta=True)


def test_without_a_test_set_and_with_other_voxels(tested, tmp_path):
    with pytest.raises(InputError, match='has no test_dataloader'):
        prepare_config(Config(dict(model={})), tested.checkpoint)
    grid = VoxelGrid('cartesian', (1.0, 1.0, 1.0)).describe()
    meta = dict(dataset_meta=dict(voxel_grid=grid))
    torch.save(dict(meta=meta, state_dict={}), tmp_path / 'v.pth')
    with pytest.raises(InputError, match=r'v\.pth was trained on cartesian'):
        prepare_config(tested.config(), Checkpoint.read(tmp_path / 'v.pth'))


@pytest.mark.parametrize('labelled', [True, False])
def test_predictions_are_written_and_scored_where_there_are_labels(tested, tmp_path, labelled):
    options = {'test_dataloader__dataset__load_eval_anns': labelled}
    result = start(tested, out=str(tmp_path), **options).run()
    files = sorted(tmp_path.rglob('*.label'))
    assert [path.name for path in files] == [f'{frame:06d}.label' for frame in range(3)]
    assert ('segmentation' in result) is labelled
    assert bool(result['metrics']) is labelled


def test_augmented_copies_are_merged_by_the_model_of_the_config(tested):
    run = start(tested, tta=True)
    inner = run.runner.model.module
    assert type(run.runner.model) is type(build_tta_model(run.config.tta_model, inner))
    assert torch.equal(
        next(inner.parameters()), tested.checkpoint.weights[next(inner.named_parameters())[0]]
    )


def test_the_label_split_is_logged_where_it_is_known(tested, monkeypatch):
    said = []
    monkeypatch.setattr(
        'stslidr.evaluation.testing.print_log', lambda text, logger: said.append(text)
    )
    log_label_split(tested.checkpoint)
    log_label_split(Checkpoint(tested.path, {'state_dict': {}}))
    assert len(said) == 1 and 'label split 100pct' in said[0] and 'ab' * 32 in said[0]


def test_the_summary_of_a_robustness_test_may_lack_a_baseline():
    assert Origin.__optional_keys__ == frozenset()
    assert all(
        name.startswith(('baseline', 'corruption_errors', 'mean_corruption_error'))
        for name in RobustnessSummary.__optional_keys__
    )
