"""How the report says it was made: commands, cells and data."""

import dataclasses
import shlex
from html import unescape
from types import SimpleNamespace

import pytest
from mmengine.config import Config

from stslidr.files.synthetic_manifest import SyntheticManifest
from stslidr_studies.report import provenance_section
from stslidr_studies.report.provenance_section import HEADER, describe_provenance
from stslidr_studies.study.cells import enumerate_cells
from support.made_up_cells import make_note, make_study
from support.report_parts import html_of, rows_of

STUDY = make_study()
CELLS = enumerate_cells(STUDY)


def results(notes=None, folder='out'):
    """A finished study whose files are not looked at."""
    notes = {cell: make_note(cell) for cell in CELLS} if notes is None else notes
    return SimpleNamespace(
        study=STUDY,
        folder=folder,
        command='python tools/run_experiment.py study.yaml --out out',
        notes=notes,
        probe='probe',
        first_seed=0,
        changed_configs=[],
        cell=lambda method, step, seed: (method, step, seed),
        data_words=[],
        config=lambda cell: Config(dict(test_dataloader=dict(dataset=dict(data_root='data')))),
    )


def lines_of(section):
    """The commands to type."""
    html = html_of(section)
    return html[html.index('<code>') + 6 : html.index('</code>')].splitlines()


def test_every_cell_has_a_row():
    rows = rows_of(html_of(describe_provenance(results(), 'report.html')))
    assert rows[0] == list(HEADER) and len(rows) == 1 + len(CELLS)
    for cell, row in zip(CELLS, rows[1:], strict=True):
        options = ' '.join(f'{key}={value}' for key, value in cell.options.items()) or '–'
        assert row == [
            cell.method,
            str(cell.seed),
            cell.step,
            cell.config,
            options,
            'weights of g' if cell.method == 'good' else f'weights of {cell.method}'[:12],
            '1.0',
            'none, version 1',
        ]


def test_minutes_are_those_of_the_notes():
    notes = {cell: make_note(cell, seconds=30.0 * number) for number, cell in enumerate(CELLS)}
    html = html_of(describe_provenance(results(notes), 'report.html'))
    total = sum(30 * number for number in range(len(CELLS))) / 60
    assert f'All {len(CELLS)} trainings together took {total:.0f} minutes.' in html
    minutes = [row[6] for row in rows_of(html)[1:]]
    assert minutes == [f'{number / 2:.1f}' for number in range(len(CELLS))]


@pytest.mark.parametrize('folder, out', [('out', 'r.html'), ('my results', "it's.html")])
def test_commands_can_be_pasted_into_a_shell(folder, out):
    first, second = lines_of(describe_provenance(results(folder=folder), out))
    assert unescape(first) == 'python tools/run_experiment.py study.yaml --out out'
    assert shlex.split(unescape(second)) == [
        'python',
        'tools/draw_report.py',
        'study.yaml',
        '--results',
        folder,
        '--out',
        out,
    ]


def test_a_commit_with_changes_is_marked():
    notes = {cell: make_note(cell, commit='e' * 40) for cell in CELLS}
    notes[CELLS[2]] = make_note(CELLS[2], commit='e' * 40, changes_sha256='f')
    commits = [row[-1] for row in rows_of(html_of(describe_provenance(results(notes), 'r')))]
    assert commits[3] == 'e' * 12 + ' with changes' and commits.count('e' * 12) == 13


def test_synthetic_data_say_how_they_were_made(monkeypatch):
    manifest = SimpleNamespace(
        generator='a city', generator_version='3', parameters={'num_scenes': 4, 'seed': 1}
    )
    monkeypatch.setattr(
        provenance_section, 'SyntheticManifest', SimpleNamespace(read=lambda root: manifest)
    )
    html = html_of(describe_provenance(results(), 'r.html'))
    assert 'Data were made by a city, version 3, in data: num scenes 4, seed 1.' in html


def test_recorded_data_say_nothing_of_a_generator(tmp_path):
    assert SyntheticManifest.read(tmp_path) is None
    assert 'Data were made by' not in html_of(describe_provenance(results(), 'r.html'))


def test_options_are_text():
    cell = dataclasses.replace(CELLS[2], options={'a': '<b>'})
    html = html_of(describe_provenance(results({cell: make_note(cell)}), 'r.html'))
    assert 'a=&lt;b&gt;' in html and 'a=<b>' not in html


def test_configs_that_have_changed_are_named():
    made = results()
    assert 'have changed' not in html_of(describe_provenance(made, 'r.html'))
    made.changed_configs = ['good seed 0 probe, a.py: settings.<b>: 3 stored, 4 now']
    html = html_of(describe_provenance(made, 'r.html'))
    assert 'have changed since they were trained' in html
    assert 'good seed 0 probe, a.py: settings.&lt;b&gt;: 3 stored, 4 now' in html
