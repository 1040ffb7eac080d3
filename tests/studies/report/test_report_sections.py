"""The report as a whole: which sections there are, what each is given, and how it is written."""

import dataclasses
from types import SimpleNamespace

import numpy as np
import pytest

from stslidr.errors import InputError
from stslidr.prediction.predictor import Predictor
from stslidr_studies.report import report as report_module
from stslidr_studies.report.finished_study import FinishedStudy
from stslidr_studies.report.models import SegmentorOutputs
from stslidr_studies.report.page import Section
from stslidr_studies.report.report import Report
from stslidr_studies.study.study_file import read_study
from support.report_parts import make_keyframe, make_labelled


@pytest.fixture(scope='module')
def results(tiny_study):
    return FinishedStudy(read_study(tiny_study.path), tiny_study.results)


@pytest.fixture
def report(results, tmp_path):
    return Report(results, tmp_path / 'report.html')


def give(report, **parts):
    """Set what a report would read or compute."""
    report.__dict__.update(parts)


def pretend(monkeypatch, **parts):
    for name, part in parts.items():
        monkeypatch.setattr(report_module, name, part)


def test_the_held_out_sweep_is_one_of_the_test_set(report, tiny_study):
    sweep = report.labelled
    assert sweep.path.startswith(str(tiny_study.data.root / 'sweeps'))
    assert sweep.token in {f'sample{number}' for number in range(tiny_study.data.num_keyframes)}
    assert sweep is report.labelled, 'it is read once'
    assert len(sweep.classes) == tiny_study.data.num_points


def test_the_keyframe_is_the_held_out_sweep_where_pretraining_has_it(report):
    token = report.labelled.token
    assert report.keyframe.token == token
    assert report.keyframe.sweep == report.labelled.path


@pytest.mark.parametrize('token', [None, 'of another data set'])
def test_else_the_keyframe_is_the_first(report, token):
    give(report, labelled=dataclasses.replace(report.labelled, token=token))
    assert report.keyframe.token == 'sample0'


def test_probes_are_those_of_the_shown_method_and_the_baseline(report, monkeypatch):
    built = []

    def outputs(config, checkpoint, device):
        built.append((checkpoint, device))
        return lambda sweep: f'{checkpoint} on {sweep}'

    pretend(monkeypatch, SegmentorOutputs=outputs)
    assert list(report.probes) == ['ST-SLidR', 'Random init'] and report.probes is report.probes
    runs = report.results.folder / 'runs'
    expected = [f'{runs}/{name}/seed0/probe/epoch_1.pth' for name in ('stslidr', 'random')]
    assert [checkpoint for checkpoint, _ in built] == expected, 'each is built once'
    assert {device for _, device in built} == {report.device}
    assert report._outputs('x.bin') == {
        title: f'{checkpoint} on x.bin'
        for title, checkpoint in zip(report.probes, expected, strict=True)
    }


def test_without_superpixels_their_sections_are_left_out(report):
    give(report, keyframe=make_keyframe(superpixels=False))
    assert report._superpixels() is None and report._similarity() is None


def test_with_superpixels_pairs_are_shown(report):
    give(report, keyframe=make_keyframe())
    assert report._superpixels().name == 'pairs'


@pytest.mark.parametrize(
    'token, other, known', [('a', 'a', True), ('a', 'b', False), (None, None, False)]
)
def test_labels_stand_below_similarities_of_the_same_sweep_alone(
    report, monkeypatch, token, other, known
):
    labelled = dataclasses.replace(make_labelled(np.zeros(60, dtype=int)), token=other)
    keyframe = dataclasses.replace(make_keyframe(), token=token)
    give(report, labelled=labelled, keyframe=keyframe)
    seen = {}

    def draw_section(*parts):
        seen['parts'] = parts
        return Section('similarity', '', [])

    pretend(
        monkeypatch,
        load_pretrainer=lambda config, checkpoint, device: checkpoint,
        batch_of=lambda model, keyframe: 'batch',
        compare_superpixels=lambda model, batch: (model, batch),
        similarity_figure=SimpleNamespace(draw_section=draw_section),
    )
    report._similarity()
    weights = f'{report.results.folder}/runs/stslidr/seed0/pretrain/epoch_1.pth'
    assert seen['parts'] == (keyframe, (weights, 'batch'), labelled if known else None)


def test_curves_are_of_the_shown_method_and_of_both_probes(report, monkeypatch):
    seen = []
    pretend(monkeypatch, curves=SimpleNamespace(draw_section=lambda *logs: seen.extend(logs)))
    report._curves()
    pretraining, probes = seen
    assert list(pretraining) == ['ST-SLidR'] and list(probes) == ['ST-SLidR', 'Random init']
    assert pretraining['ST-SLidR'].curve('loss')[0] and probes['Random init'].curve('loss')[0]


def build_with(report, monkeypatch, *sections):
    """A report whose sections are these."""
    builders = [lambda section=section: section for section in sections]
    monkeypatch.setattr(report, '_builders', lambda: builders)
    pretend(monkeypatch, write_opening=lambda results, method: [f'<p>{method}</p>'])


def test_sections_stand_in_order_and_those_of_nothing_are_left_out(report, monkeypatch):
    build_with(report, monkeypatch, Section('a', 'A', ['1']), None, Section('b', 'B', ['2']))
    report.write()
    html = report.out.read_text()
    assert html.index('<p>stslidr</p>') < html.index('<section id="a">')
    assert html.index('<section id="a">') < html.index('<section id="b">')
    assert html.count('<section') == 2 and 'Made-up &lt;data&gt;' in html


def test_a_report_that_fails_leaves_the_old_one(report, monkeypatch):
    report.out.write_text('the old one')
    build_with(report, monkeypatch, Section('a', 'A', []))

    def fail():
        raise InputError('damaged')

    monkeypatch.setattr(report, '_builders', lambda: [lambda: Section('a', 'A', []), fail])
    with pytest.raises(InputError, match='damaged'):
        report.write()
    assert report.out.read_text() == 'the old one'
    assert [path.name for path in report.out.parent.iterdir()] == ['report.html']


def test_there_is_a_builder_for_each_section(report):
    names = [getattr(builder, '__name__', None) for builder in report._builders()]
    assert names[4:9] == ['_superpixels', '_similarity', '_features', '_predictions', '_curves']
    assert len(names) == 10


def test_a_segmentor_labels_as_tools_predict_does(report, results, tiny_study):
    """The same classes and points, and the features of the same voxels for the same points."""
    cell = results.cell('stslidr', 'probe', 0)
    parts = results.config(cell), results.checkpoint(cell), 'cpu'
    sweep = tiny_study.data.root / 'sweeps/2.bin'
    classes, points = Predictor(*parts)(sweep)
    outputs = SegmentorOutputs(*parts)
    found = outputs(str(sweep))
    assert (found.classes == classes).all() and (found.points == points).all()
    assert found.features.shape[0] == len(points) and found.features.dtype == np.float32
    again = outputs(sweep)
    assert (again.features == found.features).all(), 'nothing is left of the sweep before'
    other = outputs(tiny_study.data.root / 'sweeps/1.bin')
    assert other.features.shape == found.features.shape and (other.features != again.features).any()


def test_a_missing_sweep_or_checkpoint_is_named(results, tmp_path):
    cell = results.cell('random', 'probe', 0)
    config = results.config(cell)
    with pytest.raises(FileNotFoundError, match='none.pth'):
        SegmentorOutputs(config, str(tmp_path / 'none.pth'), 'cpu')
    (tmp_path / 'cut.pth').write_bytes(b'PK')
    with pytest.raises(InputError, match='cut.pth'):
        SegmentorOutputs(config, str(tmp_path / 'cut.pth'), 'cpu')
    outputs = SegmentorOutputs(config, results.checkpoint(cell), 'cpu')
    with pytest.raises(FileNotFoundError, match='none.bin'):
        outputs(tmp_path / 'none.bin')
