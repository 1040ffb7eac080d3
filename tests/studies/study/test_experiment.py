"""Whole studies with tools that pretend: what runs, what is kept, what is refused, what fails."""

import json
import re
from hashlib import sha256
from pathlib import Path

import pytest
import torch

from stslidr_studies.study.cells import enumerate_cells
from stslidr_studies.study.experiment import Experiment
from stslidr_studies.study.study_file import read_study
from support.fake_checkout import NUM_CELLS


def epochs_of(checkout):
    """Cell folder -> epochs in the order in which they ran."""
    return {
        name: [int(line.split()[0]) for line in text.decode().splitlines()]
        for name, text in checkout.files('runs/*/*/*/epochs').items()
    }


def record_of(checkout, method, seed, step):
    return json.loads((checkout.out / f'runs/{method}/seed{seed}/{step}/cell.json').read_text())


def results_of(checkout):
    return json.loads((checkout.out / 'results.json').read_text())


def test_every_cell_runs_once_after_its_pretraining(finished, run_study, capfd):
    epochs = epochs_of(finished)
    assert len(epochs) == NUM_CELLS and set(map(tuple, epochs.values())) == {(1, 2, 3)}
    for seed in (0, 1):
        for step, method in (('probe', 'good'), ('one', 'good'), ('probe', 'probed')):
            folder = finished.out / f'runs/{method}/seed{seed}'
            ended = float((folder / 'pretrain/epochs').read_text().split()[-1])
            assert float((folder / step / 'epochs').read_text().split()[1]) > ended
    before = finished.files('runs/**/*')
    assert run_study() == []
    assert finished.files('runs/**/*') == before, 'nothing finished is touched again'
    assert capfd.readouterr().out == ''


def test_records_say_what_made_a_cell(finished):
    commit = record_of(finished, 'random', 1, 'one')
    assert commit['commit'] is None and commit['version']
    pretrain, probe = (record_of(finished, 'good', 1, step) for step in ('pretrain', 'probe'))
    assert pretrain['options'] == {'model.width': 8} and probe['options'] == {}
    assert pretrain['settings']['model']['width'] == 8 and probe['settings']['model']['width'] == 4
    assert pretrain['settings']['randomness']['seed'] == pretrain['seed'] == 1
    weights = (finished.out / 'runs/good/seed1/pretrain/epoch_3.pth').read_bytes()
    assert pretrain['checkpoint_sha256'] == probe['parent_checkpoint_sha256']
    assert pretrain['checkpoint_sha256'] == sha256(weights).hexdigest()
    assert record_of(finished, 'random', 1, 'probe')['parent_checkpoint_sha256'] is None
    assert probe['label_split'] == '100pct'
    assert probe['label_split_sha256'] == sha256(b'100pct').hexdigest()
    for note, names in (
        (pretrain, ('slic/manifest.json', 'train.pkl')),
        (probe, ('fake_label_splits.json', 'train.pkl', 'val.pkl')),
    ):
        assert note['data'] == {name: sha256(name.encode()).hexdigest() for name in names}
    listed = {cell['folder']: cell for cell in results_of(finished)['cells']}
    cell = listed['runs/good/seed1/probe']
    for key in ('options', 'parent_checkpoint_sha256', 'image_weights_sha256', 'gpus_per_run'):
        assert cell[key] == probe[key]
    assert listed['runs/good/seed1/pretrain']['options'] == {'model.width': 8}
    tables = (finished.out / 'results.md').read_text()
    assert '| `configs/pretrain.py` | `model.width=8` |' in tables
    train, test = probe['commands']
    assert train[-1].startswith('load_from=')
    assert train[-1].endswith('/out/runs/good/seed1/pretrain/epoch_3.pth')
    assert '--no-validate' in train and '--resume' not in train
    assert 'randomness.seed=1' in train and test[7].endswith('/out/runs/good/seed1/probe/test')
    assert probe['started'] <= probe['ended'] and probe['seconds'] > 0
    assert record_of(finished, 'random', 0, 'one')['config'] == 'configs/scratch.py'
    assert record_of(finished, 'good', 0, 'one')['config'] == 'configs/one.py'


def test_only_the_last_checkpoint_is_kept(finished):
    names = {name.rsplit('/', 1)[1] for name in finished.files('runs/*/*/*/*.pth')}
    assert names == {'epoch_3.pth'}


def test_an_interrupted_cell_goes_on_from_its_checkpoint(finished, run_study):
    checkout = finished
    whole = checkout.files('runs/*/*/*/*.pth')
    folder = checkout.out / 'runs/good/seed0/probe'
    note = json.loads((folder / 'cell.json').read_text())
    note.update(ended=None, trained=False, checkpoint=None, checkpoint_sha256=None)
    (folder / 'cell.json').write_text(json.dumps(note))
    origin = (folder / 'epoch_3.pth').read_text()[1:]
    (folder / 'epoch_3.pth').unlink()
    (folder / 'epoch_2.pth').write_text(f'2{origin}')
    (folder / 'last_checkpoint').write_text('epoch_2.pth')
    assert run_study() == []
    assert epochs_of(checkout)['runs/good/seed0/probe/epochs'] == [1, 2, 3, 3]
    assert checkout.files('runs/*/*/*/*.pth') == whole
    command = json.loads((folder / 'cell.json').read_text())['commands'][-1]
    assert '--resume' in command and not [word for word in command if 'load_from' in word]


def test_a_task_that_was_trained_is_only_tested(finished, run_study):
    checkout = finished
    folder = checkout.out / 'runs/good/seed0/probe'
    note = json.loads((folder / 'cell.json').read_text())
    (folder / 'cell.json').write_text(json.dumps({**note, 'ended': None}))
    (folder / 'result.json').unlink()
    assert run_study() == []
    assert (folder / 'tests').read_text() == '..'
    assert epochs_of(checkout)['runs/good/seed0/probe/epochs'] == [1, 2, 3]


def test_a_failure_stops_what_depends_on_it_alone(checkout, run_study, monkeypatch, capfd):
    monkeypatch.setenv('FAKE_FAILURE', 'good/seed0/pretrain')
    assert run_study() == ['good seed 0 pretrain']
    said = capfd.readouterr()
    assert 'out/runs/good/seed0/pretrain/log.txt' in said.err
    assert 'the sweep is damaged' in said.err and 'exit status 1' in said.err
    assert 'FAILED good seed 0 pretrain' in said.out
    states = {cell['folder']: cell['state'] for cell in results_of(checkout)['cells']}
    missing = {name for name, state in states.items() if state != 'finished'}
    assert missing == {f'runs/good/seed0/{step}' for step in ('pretrain', 'probe', 'one')}
    results = results_of(checkout)
    assert not results['complete'] and results['scores']['good']['probe']['seeds'] == [1]
    assert '(1 of 2 seeds)' in (checkout.out / 'results.md').read_text()
    monkeypatch.delenv('FAKE_FAILURE')
    assert run_study() == [] and results_of(checkout)['complete']
    assert epochs_of(checkout)['runs/good/seed1/probe/epochs'] == [1, 2, 3]


def test_a_tool_that_leaves_nothing_is_a_failure(checkout, run_study, capfd):
    (checkout.root / 'tools/test.py').write_text('')
    assert len(run_study()) == 10
    assert 'has left no result.json' in capfd.readouterr().err


def test_a_result_without_a_labelled_point_is_named_and_fails_no_cell(checkout, run_study, capfd):
    checkout.change('tools/test.py', 'draw.randrange(1, 90)', '0')
    checkout.change('tools/test.py', 'draw.randrange(30)', '0')
    for _ in range(2):
        with pytest.raises(ValueError, match=r'probe/result\.json: no point of the held-out'):
            run_study(processes=1)
    assert 'FAILED' not in capfd.readouterr().out.upper()


CHANGES = {
    'config': (
        ('configs/probe.py', 'max_epochs=3', 'max_epochs=4'),
        'settings.train_cfg.max_epochs: 3 stored, 4 now',
        'random/seed0/probe',
    ),
    'options': (
        ('study.yaml', 'model.width: 8', 'model.width: 16'),
        'options.model.width: 8 stored, 16 now',
        'good/seed0/pretrain',
    ),
    'gpus': (
        ('study.yaml', 'seeds:', 'gpus_per_run: 2\nseeds:'),
        'gpus_per_run: 0 stored, 2 now',
        'random/seed0/probe',
    ),
    'config path': (
        ('study.yaml', 'configs/one.py', 'configs/scratch.py'),
        'config: configs/one.py stored, configs/scratch.py now',
        'good/seed0/one',
    ),
    'data': (('data/val.pkl', 'val', 'other'), 'data.val.pkl: ', 'random/seed0/probe'),
    'superpixels': (
        ('data/slic/manifest.json', 'slic', 'grid'),
        'data.slic/manifest.json: ',
        'good/seed0/pretrain',
    ),
    'label splits': (
        ('data/fake_label_splits.json', 'fake', 'other'),
        'data.fake_label_splits.json: ',
        'random/seed0/probe',
    ),
}


@pytest.mark.parametrize('change', CHANGES)
def test_another_origin_is_refused_with_the_difference(finished, run_study, change, monkeypatch):
    monkeypatch.setattr(torch.cuda, 'device_count', lambda: 8)
    edit, difference, folder = CHANGES[change]
    before = finished.files('**/*')
    finished.change(*edit)
    with pytest.raises(ValueError, match=re.escape(difference)) as error:
        run_study()
    assert f'out/runs/{folder}/cell.json' in str(error.value) and '--out' in str(error.value)
    after = finished.files('**/*')
    assert {**after, '.lock': b''} == {**before, '.lock': b''}, 'nothing is touched'


def test_another_commit_is_refused(checkout, run_study):
    checkout.change('study.yaml', 'seeds: [0, 1]', 'seeds: [0]')
    first = checkout.commit()
    run_study()
    assert record_of(checkout, 'good', 0, 'probe')['commit'] == first
    assert run_study() == []
    second = checkout.commit()
    with pytest.raises(ValueError, match=f'commit: {first} stored, {second} now'):
        run_study()
    checkout.git('checkout', '-q', first)
    assert run_study() == []
    checkout.change('tools/train.py', 'the sweep is', 'the sweep was')
    with pytest.raises(ValueError, match='changes_sha256: None stored, [0-9a-f]{64} now'):
        run_study()


def test_a_source_that_changes_meanwhile_stops_the_study(checkout, run_study, monkeypatch):
    checkout.commit()
    checkout.change(
        'tools/test.py',
        'import hashlib',
        ('import pathlib; pathlib.Path("tools/train.py").open("a").write("#")\nimport hashlib'),
    )
    checkout.commit()
    with pytest.raises(ValueError, match='has changed while the study ran'):
        run_study(processes=1)
    assert len(checkout.files('runs/*/*/*/result.json')) == 1


def test_a_pretraining_made_anew_does_not_go_with_old_tasks(finished, run_study):
    folder = finished.out / 'runs/good/seed0/pretrain'
    for path in folder.iterdir():
        path.unlink()
    with pytest.raises(ValueError, match='no finished pretraining now') as error:
        run_study()
    assert 'out/runs/good/seed0/probe/cell.json' in str(error.value)


def test_a_changed_checkpoint_is_seen_before_it_is_used(finished, run_study):
    weights = finished.out / 'runs/good/seed0/pretrain/epoch_3.pth'
    weights.write_text('other weights')
    for path in (finished.out / 'runs/good/seed0/probe').iterdir():
        path.unlink()
    with pytest.raises(ValueError, match=f'{weights} has the SHA-256 .* it was changed'):
        run_study()


def test_results_that_do_not_belong_are_refused(finished, run_study):
    result = finished.out / 'runs/random/seed0/probe/result.json'
    text = result.read_text()
    result.write_text((finished.out / 'runs/random/seed1/probe/result.json').read_text())
    with pytest.raises(ValueError, match=f'{result} is of another run: checkpoint_sha256'):
        run_study()
    result.write_text(text)
    note = result.with_name('cell.json')
    note.write_text(note.read_text()[:40])
    with pytest.raises(ValueError, match=f'{note} is no readable JSON'):
        run_study()
    note.unlink()
    with pytest.raises(ValueError, match='holds results but no cell.json'):
        run_study()


def test_more_seeds_and_methods_use_what_is_there(finished, run_study):
    before = finished.files('runs/*/seed0/*/epochs')
    finished.change('study.yaml', 'seeds: [0, 1]', 'seeds: [0, 2]')
    finished.change(
        'study.yaml', 'baseline:', ('  two: {title: Two, config: configs/one.py}\nbaseline:')
    )
    assert run_study() == []
    assert before.items() <= finished.files('runs/*/seed0/*/epochs').items()
    results = results_of(finished)
    assert results['seeds'] == [0, 2] and results['complete']
    assert results['scores']['good']['two']['seeds'] == [0, 2]


@pytest.mark.parametrize('processes, threads', [(1, 3), (2, 1)])
def test_one_thread_each_side_by_side(finished, run_study, monkeypatch, processes, threads):
    monkeypatch.setenv('OMP_NUM_THREADS', '3')
    log = finished.out / 'runs/random/seed0/probe/log.txt'
    for path in log.parent.iterdir():
        path.unlink()
    run_study(processes=processes)
    assert f'threads {threads}' in log.read_text()


def test_a_dry_run_lists_the_commands_of_a_run(checkout, run_study):
    checkout.change('study.yaml', 'seeds: [0, 1]', 'seeds: [0]')
    experiment = Experiment(checkout.study, checkout.out, checkout.root)
    listed = experiment.list_commands()
    assert not checkout.out.exists()
    cells = enumerate_cells(read_study(checkout.study))
    assert len(cells) == NUM_CELLS / 2
    run_study(processes=1)
    ran = [
        line.split(' ', 1)[1]
        for cell in cells
        for line in (checkout.out / cell.folder / 'log.txt').read_text().splitlines()
        if 'tools/' in line
    ]
    assert listed == ran
    assert experiment.list_commands() == []


def test_missing_data_is_named_before_anything_runs(checkout, run_study):
    with pytest.raises(FileNotFoundError, match='elsewhere/.* does not exist'):
        run_study(data_root='elsewhere')
    for name in ('slic/manifest.json', 'fake_label_splits.json'):
        path = checkout.root / 'data' / name
        text = path.read_text()
        path.unlink()
        said = f'data/{name} does not exist'.replace('fake_', r'\*_')
        with pytest.raises(FileNotFoundError, match=said):
            run_study()
        path.write_text(text)
    assert not checkout.out.exists()


@pytest.mark.parametrize(
    'config, old, new, message',
    [
        (
            'scratch',
            "'1pct'",
            "'100pct'",
            'task one, config configs/scratch.py: it has the same share of the labels as probe',
        ),
        (
            'probe',
            "label_split='100pct'",
            '',
            'task probe, config configs/probe.py: label split None '
            'has no known fraction; known: 1pct',
        ),
        (
            'one',
            "'1pct'",
            "'3pct'",
            "task one, config configs/one.py: label split '3pct' has no known",
        ),
    ],
)
def test_labels_saved_need_different_known_shares(checkout, run_study, config, old, new, message):
    checkout.change(f'configs/{config}.py', old, new)
    with pytest.raises(ValueError, match=f'label_saving: {message}'):
        run_study()
    assert not checkout.out.exists()


@pytest.mark.parametrize('name', ['a,b', '"a"'])
def test_a_folder_that_no_option_can_name_is_refused(checkout, name):
    with pytest.raises(ValueError, match='give another folder with --out') as error:
        Experiment(checkout.study, Path(name), checkout.root)
    assert str(error.value).startswith(f'{name}: ') and not Path(name).exists()


def test_too_few_gpus_are_refused_before_anything_runs(checkout, run_study, monkeypatch):
    checkout.change('study.yaml', 'seeds:', 'gpus_per_run: 2\nseeds:')
    monkeypatch.setattr(torch.cuda, 'device_count', lambda: 3)
    with pytest.raises(ValueError, match=r'4 GPUs are needed, 2 .* for each of 2 .* 3 are visible'):
        run_study(processes=2)
    assert not checkout.out.exists()
    (checkout.root / 'tools/dist_train.sh').write_text('exit 1')
    assert len(run_study(processes=1)) == 8, 'with 2 of 3 it starts'


def test_an_option_that_nothing_reads_is_named(checkout, run_study):
    checkout.change('study.yaml', 'model.width', 'modle.width')
    with pytest.raises(ValueError, match="good seed 0 pretrain, .*'modle' is no key of a runner"):
        run_study()
