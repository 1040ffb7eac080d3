"""A results folder as the report reads it: what is there, what is refused, and what it says."""

import shlex
from pathlib import Path

import numpy as np
import pytest

from stslidr.errors import InputError, MissingFileError
from stslidr_studies.report.finished_study import FinishedStudy, commit_of, gain_of
from stslidr_studies.study import provenance
from stslidr_studies.study.cell_notes import write_cell_note
from stslidr_studies.study.cells import enumerate_cells
from stslidr_studies.study.results import summarise_study
from stslidr_studies.study.study_file import PRETRAIN
from support.made_up_cells import CLASSES, make_note, make_study, write_results

STUDY = make_study(compare=(('good', 'probed'),))
CELLS = {cell.name: cell for cell in enumerate_cells(STUDY)}
LOADERS = "train_dataloader = dict(dataset=dict(data_root='?'))\nrandomness = dict(seed=0)\n"
PROBE_CONFIG = 'model = dict(frozen_backbone=True)\n'


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Results of all cells of a study whose configs say that `probe` is a linear probe."""
    (tmp_path / 'configs').mkdir()
    monkeypatch.chdir(tmp_path / 'configs')
    provenance._read_config.cache_clear()
    monkeypatch.setattr('os.fsync', lambda descriptor: None)
    write_results(tmp_path, STUDY)
    for cell in CELLS.values():
        (tmp_path / cell.folder).mkdir(parents=True, exist_ok=True)
        write_cell_note(tmp_path / cell.folder, make_note(cell))
        text = PROBE_CONFIG if cell.step == 'probe' else 'model = dict(width=4)\n'
        Path(cell.config).write_text(text + LOADERS)
        (tmp_path / cell.folder / cell.config).write_text('raise SystemExit("it was run")\n')
    yield tmp_path
    provenance._read_config.cache_clear()


def spoil(folder, name, **changes):
    cell = CELLS[name]
    write_cell_note(folder / cell.folder, make_note(cell, **changes))


def test_all_cells_are_found_by_their_names(folder):
    results = FinishedStudy(STUDY, folder)
    assert len(results.notes) == len(results.cells) == 14 and results.first_seed == 0
    for cell in results.cells.values():
        assert results.cell(cell.method, cell.step, cell.seed) is cell
        assert results.notes[cell]['seed'] == cell.seed
    assert results.pretraining('good').step == PRETRAIN
    with pytest.raises(KeyError):
        results.cell('random', PRETRAIN, 0)


def test_files_of_a_cell(folder):
    results = FinishedStudy(STUDY, folder)
    cell = results.cell('good', 'probe', 1)
    assert results.checkpoint(cell) == f'{folder}/runs/good/seed1/probe/epoch_3.pth'
    assert results.config(cell).model.frozen_backbone and results.probe == 'probe'
    assert results.config(cell).train_dataloader.dataset.data_root == 'data'
    assert results.config(cell).randomness.seed == 1
    Path('probe.py').unlink()
    provenance._read_config.cache_clear()
    with pytest.raises(MissingFileError, match='good seed 1 probe, config probe.py: .*probe.py'):
        results.config(cell)
    with pytest.raises(MissingFileError, match=r'has no \*/vis_data/scalars\.json'):
        results.log(cell)


def test_configs_that_have_changed_since_are_named(folder):
    for cell in CELLS.values():
        note = make_note(cell, **provenance.describe_settings(cell))
        write_cell_note(folder / cell.folder, note)
    assert FinishedStudy(STUDY, folder).changed_configs == []
    Path('one.py').write_text('model = dict(width=5)\n' + LOADERS)
    provenance._read_config.cache_clear()
    changed = FinishedStudy(STUDY, folder).changed_configs
    assert changed == [
        f'{cell.name}, one.py: settings.model.width: 4 stored, 5 now'
        for cell in CELLS.values()
        if cell.config == 'one.py'
    ]
    assert len(changed) == 2


@pytest.mark.parametrize('name', ['../probe/epoch_3.pth', '/tmp/epoch_3.pth', ''])
def test_a_note_names_no_checkpoint_elsewhere(folder, name):
    spoil(folder, 'good seed 1 probe', checkpoint=name)
    with pytest.raises(InputError, match=r'probe/cell\.json names the checkpoint .*no path below'):
        FinishedStudy(STUDY, folder)


@pytest.mark.parametrize('commands', [['x'], [[]], [['a', '--data-root']], [3], [{}]])
def test_a_note_whose_commands_are_none(folder, commands):
    for name in CELLS:
        spoil(folder, name, commands=commands)
    with pytest.raises(InputError, match=r'cell\.json: a command names no --data-root'):
        FinishedStudy(STUDY, folder).config(CELLS['good seed 1 probe'])


def test_the_results_alone_do_not_say_where_data_are(folder):
    cell = CELLS['good seed 1 probe']
    for name in CELLS:
        spoil(folder, name, commands=[['python', 'train.py', '--data-root', '/private']])
    results = FinishedStudy(STUDY, folder)
    with pytest.raises(InputError, match='its runs used the data in /private, and the study names'):
        results.config(cell)
    config = FinishedStudy(STUDY, folder, '/mine').config(cell)
    assert config.train_dataloader.dataset.data_root == '/mine'


def test_scores_are_those_of_results_json(folder):
    results = FinishedStudy(STUDY, folder)
    cells = list(results.cells.values())
    summary = summarise_study(STUDY, cells, results.notes, results._scores)
    for method in STUDY.methods.values():
        for task in method.tasks:
            assert results.score(method.name, task) == summary['scores'][method.name][task]
    assert results.comparisons == summary['comparisons']
    assert results.label_saving is None
    with pytest.raises(KeyError):
        results.score('probed', 'one')


def test_labelled_points_are_the_rows_of_all_scenes(folder):
    results = FinishedStudy(STUDY, folder)
    drawn = write_results(folder, STUDY)
    (confusion,) = (
        matrices for cell, matrices in drawn.items() if cell.name == 'random seed 0 one'
    )
    expected = [sum(sum(scene[label]) for scene in confusion.values()) for label in range(3)]
    assert results.labelled_points('one').tolist() == expected and len(expected) == len(CLASSES)


def test_the_gain_is_the_difference_to_the_baseline(folder):
    results = FinishedStudy(STUDY, folder)
    score = results.score('good', 'one')
    means = score['mean'], results.score('random', 'one')['mean']
    assert gain_of(score)['mean'] == pytest.approx(means[0] - means[1])
    with pytest.raises(KeyError, match='no difference to itself'):
        gain_of(results.score('random', 'one'))


def test_a_cell_that_has_not_ended_is_named_and_counted(folder):
    spoil(folder, 'good seed 0 one', ended=None)
    spoil(folder, 'good seed 1 one', ended=None)
    with pytest.raises(MissingFileError) as error:
        FinishedStudy(STUDY, folder)
    said = str(error.value)
    assert said.startswith(f'{folder}/runs/good/seed0/one is not finished (2 of 14 cells of study')
    assert said.endswith(f'run python tools/run_experiment.py study.yaml --out {folder}')


def test_a_cell_that_was_never_started_is_named(folder):
    cell = CELLS['probed seed 1 probe']
    for path in (folder / cell.folder).iterdir():
        path.unlink()
    with pytest.raises(MissingFileError, match=r'seed1/probe is not finished \(1 of 14'):
        FinishedStudy(STUDY, folder)


def test_an_empty_folder_and_none_say_what_to_run(tmp_path):
    with pytest.raises(MissingFileError, match=r'\(14 of 14 cells of study.yaml are not\): run py'):
        FinishedStudy(STUDY, tmp_path)
    with pytest.raises(MissingFileError, match='results .*nowhere do not exist: run python tools'):
        FinishedStudy(STUDY, tmp_path / 'nowhere')


@pytest.mark.parametrize(
    'changes, difference',
    [
        ({'config': 'other.py'}, 'config: other.py stored, pretrain.py now'),
        ({'options': {'model.width': 16}}, 'options.model.width: 16 stored, 8 now'),
        ({'options': {}}, 'options.model.width: None stored, 8 now'),
    ],
)
def test_a_cell_of_another_study_is_refused(folder, changes, difference):
    spoil(folder, 'good seed 0 pretrain', **changes)
    with pytest.raises(InputError, match=difference) as error:
        FinishedStudy(STUDY, folder)
    assert f'{folder}/runs/good/seed0/pretrain is of another run' in str(error.value)


def test_another_commit_is_no_other_study(folder):
    """The report draws what was run, whatever it was run at, and lists it."""
    spoil(folder, 'good seed 0 pretrain', commit='a' * 40)
    spoil(folder, 'good seed 0 probe', commit='a' * 40, changes_sha256='b' * 64)
    commits = FinishedStudy(STUDY, folder).commits
    assert commits == ['a' * 12, 'a' * 12 + ' with changes', 'none, version 1']


def test_a_commit_in_words():
    cell = CELLS['good seed 0 probe']
    assert commit_of(make_note(cell)) == 'none, version 1'
    assert commit_of(make_note(cell, commit='0123456789abcdef')) == '0123456789ab'


def test_a_damaged_record_is_named(folder):
    path = folder / 'runs/good/seed0/one/cell.json'
    path.write_text(path.read_text()[:100])
    with pytest.raises(InputError, match=f'{path} is no readable JSON'):
        FinishedStudy(STUDY, folder)


def test_a_damaged_result_is_named(folder):
    path = folder / 'runs/good/seed0/one/result.json'
    path.write_text('{}')
    with pytest.raises(InputError, match=f'{path} is no result of tools/test.py'):
        FinishedStudy(STUDY, folder)


@pytest.mark.parametrize('root, words', [('data', []), ('my data', ['--data-root', 'my data'])])
def test_the_command_names_the_data_that_were_used(folder, root, words):
    command = ['python', 'tools/train.py', '--data-root', root, '--no-validate']
    spoil(folder, 'random seed 0 probe', commands=[command])
    results = FinishedStudy(STUDY, folder)
    plain = ['python', 'tools/run_experiment.py', 'study.yaml', '--out', str(folder)]
    assert shlex.split(results.command) == [*plain, *words]


def test_a_study_without_a_probe_is_refused(folder):
    Path('probe.py').write_text('model = dict()\n' + LOADERS)
    with pytest.raises(InputError, match='its baseline random runs no linear probe'):
        FinishedStudy(STUDY, folder).probe  # noqa: B018


def test_the_method_that_is_shown(folder):
    assert FinishedStudy(STUDY, folder).shown == 'good'
    other = make_study(shown='probed')
    assert FinishedStudy(other, folder).shown == 'probed'
    with pytest.raises(InputError, match='has no method with pretraining'):
        FinishedStudy(make_study(shown=None), folder).shown  # noqa: B018
    with pytest.raises(InputError, match='its baseline good is pretrained'):
        FinishedStudy(make_study(baseline='good'), folder).shown  # noqa: B018


def test_results_are_read_once(folder):
    results = FinishedStudy(STUDY, folder)
    before = np.array(results.score('good', 'one')['miou'])
    write_results(folder, STUDY, seed=9)
    assert (np.array(results.score('good', 'one')['miou']) == before).all()
