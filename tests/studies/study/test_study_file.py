"""Study files: the shipped ones, and everything that is refused by name."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stslidr.errors import FileAccessError, InputError, UserError
from stslidr_studies.study.study_file import read_study
from support.commands import ROOT
from support.fake_checkout import STUDY


@pytest.mark.parametrize('path', sorted((ROOT / 'studies').glob('*.yaml')), ids=lambda p: p.stem)
def test_shipped_studies_are_sound(path, monkeypatch):
    monkeypatch.chdir(ROOT)
    study = read_study(path)
    assert study.methods[study.baseline].pretrain is None
    shown = {'published': 'stslidr_dino', 'nuscenes': 'stslidr_moco'}
    assert study.shown == shown.get(path.stem, 'stslidr'), 'what is proposed, not a control'
    assert list(study.tasks)[0] == 'linear_probe'


def test_the_synthetic_study_asks_what_the_docs_answer(monkeypatch):
    monkeypatch.chdir(ROOT)
    study = read_study('studies/synthetic.yaml')
    assert study.seeds == (0, 1, 2) and study.gpus_per_run == 0
    assert set(study.methods) == {
        'random',
        'random_calibrated',
        'ppkt',
        'slidr',
        'stslidr_nobalance',
        'stslidr',
        'permuted',
        'stslidr_random_encoder',
    }
    assert study.methods['random_calibrated'].options['optim_wrapper.optimizer.lr'] == 0.0
    assert study.methods['permuted'].tasks == ('linear_probe',)
    assert study.methods['permuted'].options == {'model.permute_superpixels': True}
    assert study.tasks['finetune_10pct'].scratch == 'configs/demo_scratch_10pct.py'
    assert study.label_saving.curve == ('finetune_1pct', 'finetune_10pct', 'finetune_100pct')
    assert study.compare[:2] == (('stslidr', 'slidr'), ('stslidr', 'ppkt'))
    assert ('stslidr', 'stslidr_nobalance') in study.compare


def test_the_published_study_has_the_published_layout(monkeypatch):
    monkeypatch.chdir(ROOT)
    study = read_study('studies/published.yaml')
    assert study.gpus_per_run == 2 and len(study.seeds) == 3
    assert list(study.table) == ['MoCoV2', 'SwAV', 'DINO', 'OBoW']
    assert study.compare == tuple((row['ST-SLidR'], row['SLidR']) for row in study.table.values())
    for encoder, row in study.table.items():
        for title, method in row.items():
            assert study.methods[method].title == f'{title}, {encoder}'
            name = encoder.lower().removesuffix('v2')
            assert (
                Path(study.methods[method].pretrain).stem
                == f'{title.lower().replace("-", "")}_{name}'
            )


def test_what_is_read(checkout):
    study = read_study('study.yaml')
    assert study.methods['good'].options == {'model.width': 8}
    assert study.methods['probed'].tasks == ('probe',)
    assert study.methods['good'].tasks == ('probe', 'one')
    assert study.tasks['probe'].scratch == study.tasks['probe'].config
    assert study.shown == 'good', 'the first that is pretrained'
    assert study.options == {} and study.table == {} and study.gpus_per_run == 0


REFUSED = {
    'an unknown key': (
        'title: Fakes',
        'titel: Fakes',
        "the file: unknown key 'titel'; known: title",
    ),
    'a missing key': ('title: Fakes', '', "the file: the key 'title' is missing"),
    'an unknown method key': (
        'title: Good,',
        'title: Good, preTrain: x,',
        "methods.good: unknown key 'preTrain'; known: title, pretrain",
    ),
    'an unknown task key': (
        'title: Probe,',
        'title: Probe, split: x,',
        "tasks.probe: unknown key 'split'",
    ),
    'an unknown task': (
        'tasks: [probe]',
        'tasks: [prob]',
        "methods.probed.tasks: unknown task 'prob'; known: probe, one",
    ),
    'no tasks': ('tasks: [probe]', 'tasks: []', r'methods.probed.tasks: \[\] is no list'),
    'an unknown baseline': (
        'baseline: random',
        'baseline: rand',
        "baseline: unknown method 'rand'; known: random, good, probed",
    ),
    'a missing config': (
        'configs/one.py',
        'configs/two.py',
        'tasks.one.config: config configs/two.py does not exist',
    ),
    'a missing pretraining': (
        'configs/pretrain.py, options',
        'pre.py, options',
        'methods.good.pretrain: config pre.py does not exist',
    ),
    'a missing scratch config': ('configs/scratch.py', 's.py', 'tasks.one.scratch: config s.py'),
    'a seed twice': ('[0, 1]', '[0, 1, 0]', 'seeds: 0 stands twice'),
    'a negative seed': ('[0, 1]', '[0, -1]', 'seeds: .* is no list of integers'),
    'no seed': ('[0, 1]', '[]', 'seeds: .* is no list of integers'),
    'a truth value for a seed': ('[0, 1]', '[true]', 'seeds: .* is no list of integers'),
    'gpus': ('seeds:', 'gpus_per_run: two\nseeds:', "gpus_per_run: 'two' is no integer"),
    'a key twice': ('  probed:', '  good: {title: Again}\n  probed:', "'good' stands twice"),
    'options without pretraining': (
        'title: Random',
        'title: Random, options: {a: 1}',
        'methods.random.options: .* there is none',
    ),
    'an option of the tool': ('model.width: 8', 'load_from: x', 'good.options: load_from follows'),
    'an unknown task in the curve': (
        '[one, probe]',
        '[one, two]',
        "label_saving.curve: unknown task 'two'; known: probe, one",
    ),
    'a task twice in the curve': ('[one, probe]', '[one, one]', 'names a task twice'),
    'an unknown pretrained': ('pretrained: one', 'pretrained: o', "pretrained: unknown task 'o'"),
    'a curve that the baseline lacks': (
        'title: Random',
        'title: Random, tasks: [one]',
        'the baseline random does not run probe',
    ),
    'a pretrained baseline': (
        'baseline: random',
        'baseline: good',
        'label_saving: the baseline good is pretrained',
    ),
    'an unknown method to show': (
        'baseline:',
        'shown: bad\nbaseline:',
        "shown: unknown method with pretraining 'bad'; known: good, pr",
    ),
    'a method to show without pretraining': (
        'baseline:',
        'shown: random\nbaseline:',
        "unknown method with pretraining 'random'",
    ),
    'an unknown method to compare': (
        '[probed, good]',
        '[probed, bad]',
        "compare: unknown method 'bad'; known: random, good, probed",
    ),
    'no pair': ('[probed, good]', '[probed]', r"compare: \['probed'\] is no pair of methods"),
    'no pairs': ('[[good, probed], [probed, good]]', 'good', "compare: 'good' is no list of pairs"),
    'a pair of one': ('[probed, good]', '[good, good]', 'are no two methods that share a task'),
    'a pair twice': ('[probed, good]', '[good, probed]', "'probed'] stands twice"),
    'a pair without a common task': (
        'title: Good,',
        'title: Good, tasks: [one],',
        'are no two methods that share a task',
    ),
    'a table of an unknown method': (
        'baseline:',
        'table: {A: {B: bad}}\nbaseline:',
        "table.A.B: unknown method 'bad'",
    ),
    'a name that is no folder': ('  good:', '  ../good:', r'methods.\.\./good: a name has'),
    'the name of the pretraining': ('  one:', '  pretrain:', 'tasks.pretrain: this name'),
    'a title twice': ('title: Good', 'title: Random', 'methods.good.title: random has the same'),
    'a title of tasks twice': ('title: 1 %', 'title: Probe', 'tasks.one.title: probe has the same'),
    'labels saved by nothing': (
        'title: Good,',
        'title: Good, tasks: [probe],',
        'label_saving.pretrained: no method with pretraining runs one',
    ),
    'no mapping': ('{title: Random}', '[1]', r'methods.random: a mapping is needed, not \[1\]'),
    'no YAML': ('title: Fakes', 'title: [', 'is no readable YAML'),
}


@pytest.mark.parametrize('case', REFUSED)
def test_refused_by_name(checkout, case):
    old, new, message = REFUSED[case]
    assert old in STUDY
    checkout.study.write_text(STUDY.replace(old, new))
    with pytest.raises((ValueError, FileNotFoundError), match=message) as error:
        read_study('study.yaml')
    assert 'study study.yaml' in str(error.value)


def test_a_task_that_no_method_runs_is_refused(checkout):
    text = STUDY.replace('title: Random', 'title: Random, tasks: [probe]').replace(
        'title: Good,', 'title: Good, tasks: [probe],'
    )
    checkout.study.write_text(text[: text.index('label_saving')])
    with pytest.raises(ValueError, match=r'study study\.yaml: tasks\.one: no method runs it'):
        read_study('study.yaml')


def test_no_file(tmp_path):
    with pytest.raises(FileNotFoundError, match='none.yaml does not exist'):
        read_study(tmp_path / 'none.yaml')


def test_a_folder_in_its_place(tmp_path):
    with pytest.raises(FileAccessError, match=f'study {tmp_path} cannot be read'):
        read_study(tmp_path)


@pytest.mark.parametrize('content', [b'\xff\xfe\x00', b'title: 2001-13-45', b'? [1]\n: x', b'\t'])
def test_what_is_no_yaml(tmp_path, content):
    """No UTF-8, a day that is none, a key that is a list."""
    path = tmp_path / 'study.yaml'
    path.write_bytes(content)
    with pytest.raises(InputError, match=f'study {path}'):
        read_study(path)


@given(cut=st.integers(0, len(STUDY)))
def test_a_file_that_is_cut_off_is_refused_or_whole(cut):
    """An error of the user's names the file; nothing else is raised."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, 'study.yaml')
        path.write_text(STUDY[:cut])
        with pytest.raises(UserError, match=f'^study {path}'):
            read_study(path)


def test_aliases_are_refused_before_they_unfold(tmp_path):
    names = 'abcdefghi'
    lines = [f'{b}: &{b} [*{a}, *{a}]' for a, b in zip(names, names[1:], strict=False)]
    (tmp_path / 'bomb.yaml').write_text('\n'.join(['a: &a [x, x]', *lines]))
    with pytest.raises(InputError, match=r'bomb\.yaml, line 2: aliases'):
        read_study(tmp_path / 'bomb.yaml')


def test_a_nest_without_end(tmp_path):
    (tmp_path / 'deep.yaml').write_text('a: ' + '[' * 20_000)
    with pytest.raises(InputError, match=r'deep\.yaml is no readable YAML'):
        read_study(tmp_path / 'deep.yaml')
