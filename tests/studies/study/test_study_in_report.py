"""What the report says of a study with several seeds and tasks, and labels saved."""

import json
import re

import pytest

from stslidr_studies.report import interval_figure, label_figure
from stslidr_studies.report.finished_study import FinishedStudy
from stslidr_studies.report.score_tables import tabulate_classes
from stslidr_studies.study.study_file import read_study


@pytest.fixture
def results(finished):
    """Scores of the fake study; its first task stands for a linear probe."""
    read = FinishedStudy(read_study('study.yaml'), finished.out)
    read.__dict__['probe'] = 'probe'  # a cached property; the fake tools leave no config of a run
    return read


def rows_of(section):
    return [
        re.sub(r'<[^>]+>', '|', row).strip('|').split('||')
        for row in re.findall(r'<tr.*?</tr>', ''.join(section.blocks))
    ]


def stored(checkout):
    return json.loads((checkout.out / 'results.json').read_text())


def pointed(difference):
    mean, low, high = (
        f'{100 * difference[key]:+.1f}'.replace('-', '−') for key in ('mean', 'low', 'high')
    )
    return f'{mean} [{low}, {high}]'


def test_differences_are_those_of_the_results(results, finished):
    section, kept = interval_figure.draw_section(results), stored(finished)
    rows = rows_of(section)
    good = kept['scores']['good']
    assert ['Good', *(pointed(good[task]['difference']) for task in ('probe', 'one'))] in rows
    pair = kept['comparisons'][0]['tasks']
    assert ['Good − Probed', pointed(pair['probe']), '–'] in rows
    assert 'Means over seeds' in section.blocks[0]
    assert ''.join(section.blocks).count('<img') == 2


def test_labels_saved_are_those_of_the_results(results, finished):
    match = stored(finished)['label_saving']['methods']['good']
    words = [seed['beyond'] or f'{100 * seed["fraction"]:.3g} %' for seed in match['seeds']]
    assert len(words) == 2
    assert [
        'Good',
        f'{100 * match["miou"]:.1f}',
        match['beyond'] or f'{100 * match["fraction"]:.3g} %',
        ', '.join(words),
    ] in rows_of(label_figure.draw_section(results))


def test_all_tasks_stand_in_one_table_with_their_spread(results, finished):
    scores = stored(finished)['scores']['good']
    assert [
        'Good',
        *(
            f'{100 * scores[task]["mean"]:.1f} ± {100 * scores[task]["std"]:.1f}'
            for task in ('probe', 'one')
        ),
    ] in rows_of(tabulate_classes(results))


def test_a_pretrained_baseline_has_no_report(finished):
    finished.change('study.yaml', 'baseline: random', 'baseline: good')
    finished.change('study.yaml', 'label_saving: {pretrained: one, curve: [one, probe]}', '')
    results = FinishedStudy(read_study('study.yaml'), finished.out)
    with pytest.raises(ValueError, match='its baseline good is pretrained'):
        results.shown  # noqa: B018
