"""tools/draw_report.py: a whole report of a finished study, and what it refuses."""

import json
import re
import shlex
import shutil
from html import unescape
from types import SimpleNamespace

import numpy as np
import pytest
import yaml

from stslidr.errors import InputError
from stslidr.evaluation.result_file import read_result
from stslidr_studies.report.finished_study import FinishedStudy
from stslidr_studies.report.provenance_section import describe_provenance
from stslidr_studies.study.study_file import read_study
from support.tools import status_of


def draw(study, results, out, *options, status=0):
    command = ('draw_report.py', study, '--results', results, '--out', out)
    assert status_of(*command, *options) == status


def fail(capsys, *arguments):
    capsys.readouterr()
    draw(*arguments, status=1)
    return capsys.readouterr().err.splitlines()[-1]


def text_of(html):
    return re.sub(r'<[^>]+>', ' ', html)


def scores_of(tiny_study, method):
    return read_result(tiny_study.results / f'runs/{method}/seed0/probe/result.json')[
        'segmentation'
    ]


def test_the_report_is_one_small_file_with_all_sections(report_path):
    html = report_path.read_text()
    assert [path.name for path in report_path.parent.iterdir()] == ['report.html']
    assert report_path.stat().st_size < 6e6
    names = re.findall(r'<section id="([^"]+)"', html)
    assert names == [
        'scores',
        'comparisons',
        'encoders',
        'pairs',
        'similarity',
        'features',
        'predictions',
        'curves',
        'reproduce',
    ]
    assert '<title>Made-up &lt;data&gt;</title>' in html
    addresses = re.findall(r'(?:src|href)="([^"]*)"', html)
    assert addresses and all(address.startswith(('data:', '#')) for address in addresses)
    assert all(
        re.findall(r'<img [^>]*alt="[^"]+"', picture)
        for picture in re.findall(r'<img [^>]*>', html)
    )


def test_the_numbers_are_those_of_the_results(tiny_study, report_path):
    html = report_path.read_text()
    table = html[html.index('<section id="scores"') : html.index('<section id="comparisons"')]
    methods = [scores_of(tiny_study, name) for name in ('random', 'stslidr', 'other')]
    for name, iou in methods[0]['all']['iou'].items():
        row = text_of(re.search(rf'<tr><td>{name}</td>.*?</tr>', table).group()).split()
        expected = [method['all']['iou'][name] for method in methods]
        assert row[1:4] == ['–' if value is None else f'{100 * value:.1f}' for value in expected]
        number = list(methods[0]['all']['iou']).index(name)
        points = sum(np.array(scene)[number].sum() for scene in methods[0]['confusion'].values())
        assert row[4] == f'{points:,}' and iou == expected[0]
    gain = methods[1]['all']['miou'] - methods[0]['all']['miou']
    assert f'{100 * gain:+.1f}'.replace('-', '−') in html
    best = max(method['all']['miou'] for method in methods)
    assert f'<strong>{100 * best:.1f}</strong>' in table


def test_the_same_study_gives_the_same_file(tiny_study, report_path):
    """Written to the same path, which stands in the file."""
    before = report_path.read_bytes()
    draw(tiny_study.path, tiny_study.results, report_path)
    assert report_path.read_bytes() == before


def test_another_method_can_be_shown(tiny_study, tmp_path):
    study = yaml.safe_load(tiny_study.path.read_text())
    text = yaml.safe_dump({**study, 'shown': 'other'}, sort_keys=False)
    (tmp_path / 'study.yaml').write_text(text)
    draw(tmp_path / 'study.yaml', tiny_study.results, tmp_path / 'r.html')
    assert 'mIoU, Other encoder' in (tmp_path / 'r.html').read_text()


def test_a_study_that_has_nothing_to_show_is_refused(tiny_study, tmp_path, capsys):
    study = yaml.safe_load(tiny_study.path.read_text())
    study['methods'] = {'random': study['methods']['random']}
    del study['compare']
    (tmp_path / 'study.yaml').write_text(yaml.safe_dump(study))
    said = fail(capsys, tmp_path / 'study.yaml', tiny_study.results, tmp_path / 'x.html')
    assert 'has no method with pretraining, so there is nothing to draw' in said
    assert not (tmp_path / 'x.html').exists()


def test_the_commands_name_the_data_that_were_used_and_are_quoted(tiny_study, copy, tmp_path):
    study = yaml.safe_load(tiny_study.path.read_text())
    path = tmp_path / 'a study.yaml'
    path.write_text(yaml.safe_dump({**study, 'data_root': 'data/other'}, sort_keys=False))
    with pytest.raises(InputError, match='its runs used the data in .* say with --data-root'):
        describe_provenance(FinishedStudy(read_study(path), copy), 'r.html')
    root = str(tiny_study.data.root)
    results = FinishedStudy(read_study(path), copy, root)
    report = tmp_path / 'my report.html'
    html = unescape(describe_provenance(results, report).blocks[1])
    assert [shlex.split(line) for line in text_of(html).strip().splitlines()] == [
        ['python', 'tools/run_experiment.py', str(path), '--out', str(copy), '--data-root', root],
        [
            'python',
            'tools/draw_report.py',
            str(path),
            '--results',
            str(copy),
            '--out',
            str(report),
            '--data-root',
            root,
        ],
    ]


def test_a_method_that_is_not_probed_is_not_shown():
    method = SimpleNamespace(tasks=('one',))
    study = SimpleNamespace(
        path='s.yaml',
        shown='m',
        baseline='b',
        methods={'m': method, 'b': SimpleNamespace(pretrain=None)},
    )
    with pytest.raises(ValueError, match='s.yaml: m, the method that is shown, does not run probe'):
        FinishedStudy.shown.fget(SimpleNamespace(study=study, probe='probe'))


@pytest.fixture
def copy(tiny_study, tmp_path):
    """The results without their weights, to be spoilt."""
    shutil.copytree(
        tiny_study.results, tmp_path / 'results', ignore=shutil.ignore_patterns('*.pth')
    )
    return tmp_path / 'results'


def test_an_unfinished_cell_is_named_with_what_to_run(tiny_study, copy, tmp_path, capsys):
    path = copy / 'runs/stslidr/seed0/probe/cell.json'
    path.write_text(json.dumps({**json.loads(path.read_text()), 'ended': None}))
    said = fail(capsys, tiny_study.path, copy, tmp_path / 'x.html')
    assert f'{path.parent} is not finished (1 of 5 cells' in said
    assert said.endswith(f'run python tools/run_experiment.py {tiny_study.path} --out {copy}')
    shutil.rmtree(copy / 'runs/stslidr')
    said = fail(capsys, tiny_study.path, copy, tmp_path / 'x.html')
    assert 'runs/stslidr/seed0/pretrain is not finished (2 of 5' in said
    said = fail(capsys, tiny_study.path, tmp_path / 'nowhere', tmp_path / 'x.html')
    assert 'nowhere do not exist: run python tools/run_experiment.py' in said
    assert not (tmp_path / 'x.html').exists()


def test_results_of_other_options_are_refused(tiny_study, copy, tmp_path, capsys):
    path = copy / 'runs/other/seed0/pretrain/cell.json'
    path.write_text(json.dumps({**json.loads(path.read_text()), 'options': {'resume': 1}}))
    said = fail(capsys, tiny_study.path, copy, tmp_path / 'x.html')
    assert 'runs/other/seed0/pretrain is of another run: options.resume: 1 stored, None now' in said
