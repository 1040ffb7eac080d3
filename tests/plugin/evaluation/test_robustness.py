"""Passes under corruptions: which are made, what goes on after an interruption, the table."""

import json
from pathlib import Path

import pytest
from mmengine.config import Config

import stslidr.plugin  # noqa: F401
from stslidr.corruptions.corrupt import KINDS
from stslidr.corruptions.profiles import SEVERITIES
from stslidr.evaluation.robustness import RobustnessTest, corrupted, parse_kinds

CONFIGS = Path(__file__).resolve().parents[3] / 'configs'
ORIGIN = dict(
    config='c.py',
    config_sha256='c0',
    checkpoint='w.pth',
    checkpoint_sha256='ff',
    test_time_augmentation=False,
    dataset='LidarSegNuScenesDataset',
)


def load(name):
    return Config.fromfile(CONFIGS / f'{name}.py', import_custom_modules=False)


def scored(miou, samples=7):
    return dict(
        num_samples=samples,
        metrics={'seg/miou': miou},
        segmentation=dict(all=dict(miou=miou, num_points=1000)),
    )


class Passes:
    """Scores a pass by what its pipeline corrupts; notes all passes; can be interrupted."""

    def __init__(self, stop_after=None, drop=0.1):
        self.made, self.stop_after, self.drop = [], stop_after, drop

    def __call__(self, loader):
        if len(self.made) == self.stop_after:
            raise KeyboardInterrupt
        steps = [step for step in loader.dataset.pipeline if step.type == 'CorruptSweep']
        self.made.append((steps[0].kind, steps[0].severity) if steps else 'clean')
        level = 1 + SEVERITIES.index(steps[0].severity) if steps else 0
        return scored(0.8 - self.drop * level)


@pytest.fixture
def loader():
    return load('finetune_1pct_nuscenes').test_dataloader


def test_all_passes_are_made_once(loader, tmp_path):
    test, passes = RobustnessTest(tmp_path / 'r.json', ORIGIN, KINDS), Passes()
    test.run(passes, loader)
    cells = [(kind, severity) for kind in KINDS for severity in SEVERITIES]
    assert passes.made == ['clean', *cells] and len(cells) == 24
    test.run(passes, loader)
    assert len(passes.made) == 25


@pytest.mark.parametrize('stop_after', [0, 1, 3])
def test_an_interrupted_run_goes_on_where_it_stopped(loader, tmp_path, stop_after):
    whole, part = tmp_path / 'whole.json', tmp_path / 'part.json'
    test = RobustnessTest(whole, ORIGIN, ('fog', 'snow'))
    test.run(Passes(), loader)
    test.summarise()
    with pytest.raises(KeyboardInterrupt):
        RobustnessTest(part, ORIGIN, ('fog', 'snow')).run(Passes(stop_after), loader)
    again, passes = RobustnessTest(part, ORIGIN, ('fog', 'snow')), Passes()
    again.run(passes, loader)
    again.summarise()
    assert len(passes.made) == 7 - stop_after
    assert json.loads(part.read_text()) == json.loads(whole.read_text())


def test_a_plain_result_spares_the_clean_pass(loader, tmp_path):
    (tmp_path / 'r.json').write_text(json.dumps({**ORIGIN, **scored(0.5)}))
    test, passes = RobustnessTest(tmp_path / 'r.json', ORIGIN, ('fog',)), Passes()
    test.run(passes, loader)
    assert passes.made == [('fog', severity) for severity in SEVERITIES]
    assert json.loads((tmp_path / 'r.json').read_text())['metrics'] == {'seg/miou': 0.5}


def test_results_of_other_weights_are_not_continued(loader, tmp_path):
    RobustnessTest(tmp_path / 'r.json', ORIGIN, ('fog',)).run(Passes(), loader)
    with pytest.raises(ValueError, match=r'r\.json .*checkpoint_sha256 ff, this run has 00'):
        RobustnessTest(tmp_path / 'r.json', {**ORIGIN, 'checkpoint_sha256': '00'}, ('fog',))


def test_rates_and_errors_by_hand(loader, tmp_path):
    """Clean 0.8; ours 0.7, 0.6, 0.5 and the baseline's 0.6, 0.4, 0.2 under each corruption."""
    base = RobustnessTest(tmp_path / 'base.json', ORIGIN, KINDS)
    base.run(Passes(drop=0.2), loader)
    test = RobustnessTest(tmp_path / 'r.json', ORIGIN, ('snow', 'fog'), tmp_path / 'base.json')
    test.run(Passes(), loader)
    rows = [
        [cell.strip() for cell in row.split('|')[1:-1]]
        for row in test.summarise().splitlines()
        if '|' in row
    ]
    assert rows == [
        ['%', 'mIoU light', 'mIoU moderate', 'mIoU heavy', 'resilience rate', 'corruption error'],
        ['clean', '80.00', '', '', '', ''],
        ['snow', '70.00', '60.00', '50.00', '75.00', '66.67'],
        ['fog', '70.00', '60.00', '50.00', '75.00', '66.67'],
        ['mean', '', '', '', '75.00', '66.67'],
    ]
    summary = json.loads((tmp_path / 'r.json').read_text())['summary']
    assert summary['mean_resilience_rate'] == pytest.approx(0.75)
    assert summary['mean_corruption_error'] == pytest.approx(1.2 / 1.8)
    assert summary['corruptions'] == ['snow', 'fog'] and summary['baseline'] == 'w.pth'


def test_without_a_baseline_there_are_no_errors(loader, tmp_path):
    test = RobustnessTest(tmp_path / 'r.json', ORIGIN, ('fog',))
    test.run(Passes(), loader)
    assert 'corruption error' not in test.summarise()
    assert 'corruption_errors' not in json.loads((tmp_path / 'r.json').read_text())['summary']


@pytest.mark.parametrize(
    ('change', 'said'),
    [
        (dict(dataset='LidarSegKittiDataset'), r'base\.json has dataset LidarSegKittiDataset'),
        (dict(corruption_seed=1), 'corruption_seed 1'),
        (dict(corruptions={}), r'base\.json has no result under fog'),
        (dict(num_samples=8), 'on 8 sweeps with 1,000 labelled points, this model on 7 with 1,000'),
        (
            dict(segmentation=dict(all=dict(miou=0.8, num_points=999))),
            'with 999 labelled points, this',
        ),
        (dict(segmentation={}), r'base\.json has no result under all'),
    ],
)
def test_a_baseline_that_does_not_compare_is_refused(loader, tmp_path, change, said):
    RobustnessTest(tmp_path / 'base.json', ORIGIN, ('fog',)).run(Passes(), loader)
    stored = json.loads((tmp_path / 'base.json').read_text())
    (tmp_path / 'base.json').write_text(json.dumps({**stored, **change}))
    passes = Passes()
    with pytest.raises(ValueError, match=said):
        RobustnessTest(tmp_path / 'r.json', ORIGIN, ('fog',), tmp_path / 'base.json').run(
            passes, loader
        )
    assert passes.made in ([], ['clean']), 'found before the long part'


@pytest.mark.parametrize(
    ('name', 'profile', 'offset'),
    [
        ('finetune_1pct_nuscenes', 'nuscenes', 0.0),
        ('finetune_1pct_semantickitti', 'semantickitti', 1.0),
    ],
)
@pytest.mark.parametrize('pipeline', ['test_pipeline', 'tta_pipeline'])
def test_the_sweep_is_corrupted_as_it_is_loaded(name, profile, offset, pipeline):
    config = load(name)
    loader = config.test_dataloader
    loader.dataset.pipeline = config[pipeline]
    before = [step.type for step in loader.dataset.pipeline]
    steps = corrupted(loader, 'fog', 'heavy').dataset.pipeline
    place = before.index('LoadPointLabels') + 1
    assert [step.type for step in steps] == [*before[:place], 'CorruptSweep', *before[place:]]
    assert steps[place] == dict(
        type='CorruptSweep',
        kind='fog',
        severity='heavy',
        seed=0,
        profile=profile,
        intensity_scale=1.0,
        intensity_offset=offset,
    )
    assert [step.type for step in loader.dataset.pipeline] == before, 'the loader stays as it was'


def test_data_without_labels_cannot_be_corrupted():
    with pytest.raises(ValueError, match='CameraLidarDataset with LoadSweep'):
        corrupted(load('stslidr_dino').test_dataloader, 'fog', 'light')


def test_names_of_corruptions():
    assert parse_kinds('all') == KINDS
    assert parse_kinds('snow,fog,snow') == ('snow', 'fog')
    with pytest.raises(ValueError, match="'hail' is no corruption; there are fog, snow"):
        parse_kinds('fog,hail')
