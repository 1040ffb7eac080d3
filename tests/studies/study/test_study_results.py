"""The summary of a study against its result files, and what the tables say of it."""

import json

import numpy as np
import pytest

from stslidr.evaluation.confusion import SegScores
from stslidr_studies.study.experiment import Experiment
from stslidr_studies.study.label_saving import matching_fraction
from stslidr_studies.study.tables import write_markdown


@pytest.fixture
def summary(finished):
    return json.loads((finished.out / 'results.json').read_text())


def confusion_of(checkout, method, seed, task):
    path = checkout.out / f'runs/{method}/seed{seed}/{task}/result.json'
    return json.loads(path.read_text())['segmentation']['confusion']


def miou_of(checkout, method, seed, task):
    by_scene = confusion_of(checkout, method, seed, task)
    return SegScores.of(np.sum(list(by_scene.values()), axis=0))


def test_means_and_deviations_are_those_of_the_results(finished, summary):
    for method, tasks in {
        'random': ('probe', 'one'),
        'good': ('probe', 'one'),
        'probed': ('probe',),
    }.items():
        assert tuple(summary['scores'][method]) == tasks
        for task in tasks:
            score = summary['scores'][method][task]
            single = [miou_of(finished, method, seed, task) for seed in (0, 1)]
            values = [one.miou for one in single]
            assert score['seeds'] == [0, 1] and score['miou'] == pytest.approx(values)
            assert score['mean'] == pytest.approx(np.mean(values))
            assert score['std'] == pytest.approx(abs(values[0] - values[1]) / np.sqrt(2))
            assert score['low'] <= score['mean'] <= score['high']
            np.testing.assert_allclose(
                list(score['iou'].values()), np.mean([one.iou for one in single], axis=0)
            )
            assert list(score['iou']) == ['car', 'bus', 'road']
    difference = summary['scores']['good']['one']['difference']
    means = [summary['scores'][name]['one']['mean'] for name in ('good', 'random')]
    assert difference['mean'] == pytest.approx(means[0] - means[1])
    assert summary['scores']['random']['one']['difference'] is None
    assert summary['complete'] and summary['tasks']['one']['label_split'] == '1pct'


def test_cells_say_what_made_them(finished, summary):
    assert len(summary['cells']) == 14
    for cell in summary['cells']:
        note = json.loads((finished.out / cell['folder'] / 'cell.json').read_text())
        for key in ('config', 'config_sha256', 'label_split_sha256', 'commit', 'seed'):
            assert cell[key] == note[key]
        if cell['step'] != 'pretrain':
            assert cell['miou'] == pytest.approx(
                miou_of(finished, cell['method'], cell['seed'], cell['step']).miou
            )


def test_labels_saved(summary):
    saving = summary['label_saving']
    scores = summary['scores']
    assert saving['curve'] == [
        {'task': 'one', 'fraction': 0.01, 'miou': scores['random']['one']['mean']},
        {'task': 'probe', 'fraction': 1.0, 'miou': scores['random']['probe']['mean']},
    ]
    assert list(saving['methods']) == ['good'], 'the one that is pretrained and runs the task'
    good = saving['methods']['good']
    assert good['own_fraction'] == 0.01
    for position, match in enumerate(good['seeds']):
        curve = [
            (point['fraction'], scores['random'][point['task']]['miou'][position])
            for point in saving['curve']
        ]
        expected = matching_fraction(curve, scores['good']['one']['miou'][position])
        assert match == {'seed': position, 'fraction': expected.fraction, 'beyond': expected.beyond}
    assert len(good['seeds']) == 2


def test_labels_saved_by_seed_need_its_whole_curve(finished, run_study):
    folder = finished.out / 'runs/random/seed0/probe'
    for path in folder.iterdir():
        path.unlink()
    (finished.root / 'tools/train.py').write_text('raise SystemExit(1)')
    assert run_study() == ['random seed 0 probe']
    saving = json.loads((finished.out / 'results.json').read_text())['label_saving']
    found = saving['methods']['good']['seeds']
    assert [match['seed'] for match in found] == [1]
    match = found[0]['beyond'] or f'{100 * found[0]["fraction"]:.3g} %'
    row = next(
        line
        for line in (finished.out / 'results.md').read_text().splitlines()
        if line.startswith('| Good | 1 % |')
    )
    assert row.split(' | ')[4] == match


def test_tables(finished, summary):
    text = (finished.out / 'results.md').read_text()
    score = summary['scores']['good']['probe']
    numbers = [f'{100 * score[key]:.2f}' for key in ('mean', 'std', 'low', 'high')]
    assert '| {} ± {} [{}, {}] |'.format(*numbers) in text
    difference = [f'{100 * score["difference"][key]:+.2f}' for key in ('mean', 'low', 'high')]
    assert '| Good | {} [{}, {}] |'.format(*difference) in text
    assert text.startswith('# Fakes\n\n14 of 14 cells are finished.')
    assert '## Difference to Random' in text and '## Classes: Probe' in text
    assert f'| car | {100 * summary["scores"]["random"]["probe"]["iou"]["car"]:.2f} |' in text
    assert '## Labels saved' in text and '`configs/scratch.py`' in text
    for line in text.split('## Difference')[0].splitlines():
        assert not line.startswith('|') or line.count('|') == 4


def test_methods_are_compared_in_pairs(finished, summary):
    one, other = summary['comparisons']
    assert (one['method'], one['other'], list(one['tasks'])) == ('good', 'probed', ['probe'])
    found, turned = one['tasks']['probe'], other['tasks']['probe']
    means = [
        np.mean([miou_of(finished, method, seed, 'probe').miou for seed in (0, 1)])
        for method in ('good', 'probed')
    ]
    assert found['seeds'] == [0, 1] and found['mean'] == pytest.approx(means[0] - means[1])
    assert found['low'] < found['mean'] < found['high']
    assert [turned[key] for key in ('mean', 'low', 'high')] == pytest.approx(
        [-found[key] for key in ('mean', 'high', 'low')]
    )
    numbers = [f'{100 * found[key]:+.2f}' for key in ('mean', 'low', 'high')]
    text = (finished.out / 'results.md').read_text()
    assert '| Good − Probed | {} [{}, {}] | – |'.format(*numbers) in text


def test_a_table_of_ones_own(finished, summary):
    finished.change(
        'study.yaml',
        'baseline:',
        ('table: {Net: {A: random, B: good}, Other: {B: probed}}\nbaseline:'),
    )
    study = Experiment(finished.study, finished.out, finished.root).study
    text = write_markdown(study, summary)
    assert '|  | A: Probe | A: 1 % | B: Probe | B: 1 % |' in text

    def mean(method, task):
        score = summary['scores'][method][task]
        return f'{100 * score["mean"]:.2f} ± {100 * score["std"]:.2f}'

    assert f'| Other | – | – | {mean("probed", "probe")} | – |' in text
    cells = [mean(method, task) for method in ('random', 'good') for task in ('probe', 'one')]
    assert f'| Net | {" | ".join(cells)} |' in text


def test_scores_on_other_scenes_are_refused(finished, run_study):
    path = finished.out / 'runs/good/seed1/one/result.json'
    path.write_text(path.read_text().replace('"b": [[', '"z": [['))
    with pytest.raises(ValueError, match='are scores on other scenes or classes') as error:
        run_study()
    assert str(path) in str(error.value)


def test_a_result_without_scenes_is_refused(finished, run_study):
    path = finished.out / 'runs/good/seed1/one/result.json'
    result = json.loads(path.read_text())
    del result['segmentation']['confusion']
    path.write_text(json.dumps(result))
    with pytest.raises(ValueError, match=f'{path} has no segmentation.confusion'):
        run_study()
