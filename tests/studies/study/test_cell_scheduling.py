"""The order in which cells run, slots and environments, and what a failure takes with it.

Commands end at once or after a random number of looks; nothing is started.
"""

import os
import random
from collections import defaultdict
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stslidr.errors import InputError
from stslidr.files.hashing import hash_file
from stslidr_studies.study import cell_scheduling
from stslidr_studies.study.cell_notes import read_cell_note
from stslidr_studies.study.cell_scheduling import FIRST_PORT, Execution
from stslidr_studies.study.cells import enumerate_cells
from stslidr_studies.study.commands import Commands
from stslidr_studies.study.provenance import Source
from support.made_up_cells import SCENES, make_origin, make_study, write_result_of

ONES = {scene: [[1, 0, 0], [0, 1, 0], [0, 0, 1]] for scene in SCENES}
SOURCE = Source(None, None, '1')
MOST_LOOKS = 10_000


class PretendedChildren:
    """Commands that end after a drawn number of looks, and leave what the tools would.

    Args:
        out: the results folder.
        failing: names of cells whose training fails.
        seed: of the draws.
    """

    def __init__(self, out, cells, failing=(), seed=0):
        self.folders = {str(out / cell.folder): cell for cell in cells}
        self.failing, self.draw = failing, random.Random(seed)
        self.running, self.environments, self.events = {}, {}, []
        self.most, self.closed = 0, False

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.closed = True

    def start(self, command, log, environment):
        cell = self.folders[str(log.parent)]
        kind = 'train' if command[1].endswith('train.py') else 'test'
        self.events.append((kind, cell))
        process = SimpleNamespace(returncode=None, looks=self.draw.randrange(4), of=(kind, cell))
        self.running[id(process)] = process
        self.environments[cell] = environment
        assert cell not in [other.of[1] for other in self.running.values() if other is not process]
        self.most = max(self.most, len(self.running))
        self.last_log = log
        return process

    def ended(self, process):
        process.looks -= 1
        if process.looks >= 0:
            return False
        kind, cell = process.of
        process.returncode = int(kind == 'train' and cell.name in self.failing)
        folder = next(name for name, other in self.folders.items() if other is cell)
        if not process.returncode:
            self._leave(kind, cell, folder)
        del self.running[id(process)]
        self.events.append(('end', cell))
        return True

    def _leave(self, kind, cell, folder):
        path = os.path.join(folder, 'epoch_1.pth')
        if kind == 'train':
            with open(path, 'w') as file:
                file.write(cell.name)
            with open(os.path.join(folder, 'last_checkpoint'), 'w') as file:
                file.write('epoch_1.pth')
        else:
            out = folder.removesuffix(str(cell.folder))
            digest = hash_file(path)
            write_result_of(type(cell.folder)(out), cell, ONES, checkpoint_sha256=digest)


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(cell_scheduling, 'POLL', 0)
    monkeypatch.setattr('os.fsync', lambda descriptor: None)
    monkeypatch.setattr(Source, 'of', classmethod(lambda cls, root: SOURCE))


class Run:
    """An execution of a made-up study and what it was seen to do."""

    def __init__(self, out, cells, processes=1, notes=None, gpus=0, **children):
        self.cells, self.notes, self.out = cells, {} if notes is None else notes, out
        for cell in cells:
            (out / cell.folder).mkdir(parents=True, exist_ok=True)
        self.children = PretendedChildren(out, cells, **children)
        self.done, self.looks = [], 0
        self.execution = Execution(
            cells,
            self.notes,
            {cell: make_origin(cell) for cell in cells},
            out,
            out,
            Commands(out / 'tools', 'data', gpus),
            processes,
            self.after,
        )

    def after(self, cell):
        self.done.append(cell)
        return ''

    def look(self, seconds):
        """One look at what runs; so many that something waits for ever are an error."""
        self.looks += 1
        assert self.looks < MOST_LOOKS, 'nothing runs, and cells are waiting'

    def run(self):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(cell_scheduling, 'Children', lambda lock: self.children)
            patch.setattr(cell_scheduling, 'time', SimpleNamespace(sleep=self.look))
            self.execution.run(0)
        return self


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.data())
def test_whatever_fails_the_rest_runs_in_order(tmp_path_factory, data):
    """Random failures and ends: each cell runs once, after its parent, in a slot of its own."""
    cells = enumerate_cells(make_study(seeds=tuple(range(data.draw(st.integers(1, 2))))))
    failing = data.draw(st.sets(st.sampled_from([cell.name for cell in cells]), max_size=4))
    processes = data.draw(st.integers(1, 4))
    run = Run(
        tmp_path_factory.mktemp('out'),
        cells,
        processes,
        failing=failing,
        seed=data.draw(st.integers(0, 99)),
    ).run()
    lost = {cell for cell in cells if cell.parent is not None and cell.parent.name in failing}
    failed = {cell for cell in cells if cell.name in failing} - lost
    assert set(run.execution.failed) == failed
    assert set(run.done) == set(cells) - failed - lost and len(run.done) == len(set(run.done))
    kinds = defaultdict(list)
    for kind, cell in run.children.events:
        kinds[cell].append(kind)
    for cell in cells:
        whole = ['train', 'end', *(['test', 'end'] if cell.is_task else [])]
        expected = [] if cell in lost else whole[:2] if cell in failed else whole
        assert kinds[cell] == expected, cell.name
        if cell.parent is not None and cell not in lost:
            events = run.children.events
            assert events.index(('train', cell)) > events.index(('end', cell.parent))
    assert run.children.most <= processes and run.children.closed
    for cell in cells:
        note = read_cell_note(run.out / cell.folder)
        assert (note is None) == (cell in lost)
        assert note is None or bool(note['ended']) == (cell in run.done)


def test_one_at_a_time_runs_in_the_order_of_the_study(tmp_path):
    cells = enumerate_cells(make_study())
    run = Run(tmp_path, cells).run()
    assert run.done == cells and run.children.most == 1


def test_free_slots_are_used(tmp_path):
    cells = enumerate_cells(make_study())
    assert Run(tmp_path, cells, processes=3).run().children.most == 3


def test_what_is_finished_is_not_touched(tmp_path):
    cells = enumerate_cells(make_study(seeds=(0,)))
    first = Run(tmp_path, cells).run()
    assert Run(tmp_path, cells, notes=first.notes).run().children.events == []
    notes = {
        cell: note if cell.name != 'good seed 0 one' else {**note, 'ended': None}
        for cell, note in first.notes.items()
    }
    again = Run(tmp_path, cells, notes=notes).run()
    assert [cell.name for cell in again.done] == ['good seed 0 one'] and not again.children.events


def test_records_are_kept_up_to_date_for_the_caller(tmp_path):
    cells = enumerate_cells(make_study(seeds=(0,)))
    notes = {}
    run = Run(tmp_path, cells, notes=notes)
    run.run()
    assert list(notes) == cells
    assert notes == {cell: read_cell_note(tmp_path / cell.folder) for cell in cells}


def test_a_failure_is_told_with_the_end_of_its_log(tmp_path, capsys):
    cells = enumerate_cells(make_study(seeds=(0,)))
    run = Run(tmp_path, cells, failing={'good seed 0 pretrain'})
    log = tmp_path / cells[2].folder / 'log.txt'
    log.write_text('the sweep is damaged\n')
    run.run()
    said = capsys.readouterr()
    assert f'good seed 0 pretrain: exit status 1; the end of {log}:\nthe sweep is dama' in said.err
    assert 'FAILED good seed 0 pretrain' in said.out and 'probed seed 0 probe' in said.out


def test_a_tool_that_leaves_nothing_fails_its_cell_alone(tmp_path, capsys, monkeypatch):
    cells = enumerate_cells(make_study(seeds=(0,)))
    run = Run(tmp_path, cells)
    leave = run.children._leave

    def spoilt(kind, cell, folder):
        if (kind, cell) != ('test', cells[0]):
            leave(kind, cell, folder)

    monkeypatch.setattr(run.children, '_leave', spoilt)
    run.run()
    assert run.execution.failed == [cells[0]] and run.done == cells[1:]
    assert 'tools/test.py has left no result.json' in capsys.readouterr().err


def test_a_changed_source_stops_all_and_counts_the_time(tmp_path, monkeypatch):
    cells = enumerate_cells(make_study(seeds=(0,)))
    run = Run(tmp_path, cells)
    states = iter([SOURCE] * 3 + [Source('c', 'changes', '1')] * 9)
    monkeypatch.setattr(Source, 'of', classmethod(lambda cls, root: next(states)))
    with pytest.raises(InputError, match='has changed while the study ran, from Source'):
        run.run()
    assert run.done == cells[:1] and run.children.closed
    assert run.execution.failed == [], 'the cell is not to blame'


def test_what_is_interrupted_is_paused_with_its_time(tmp_path, monkeypatch):
    cells = enumerate_cells(make_study(seeds=(0,)))
    run = Run(tmp_path, cells, processes=2)

    def interrupt(process):
        raise KeyboardInterrupt

    monkeypatch.setattr(run.children, 'ended', interrupt)
    with pytest.raises(KeyboardInterrupt):
        run.run()
    for cell in cells[:2]:
        note = read_cell_note(tmp_path / cell.folder)
        assert note['ended'] is None and not note['trained'] and len(note['commands']) == 1
    assert read_cell_note(tmp_path / cells[2].folder) is None


def test_a_lost_pretraining_is_an_error_of_the_user(tmp_path):
    cells = enumerate_cells(make_study(seeds=(0,)))
    first = Run(tmp_path, cells[:3]).run()
    (tmp_path / cells[2].folder / 'epoch_1.pth').unlink()
    with pytest.raises(FileNotFoundError, match='delete .* to train it anew'):
        Run(tmp_path, cells, notes=first.notes).run()


def environments(out, monkeypatch, processes, gpus=0, **variables):
    """Environments of the cells that had a slot, in the order of the slots."""
    for name in ('CUDA_VISIBLE_DEVICES', 'PORT'):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    run = Run(out, enumerate_cells(make_study(seeds=(0,))), processes, gpus=gpus)
    return [run.execution._environment(slot) for slot in range(processes)]


def test_alone_a_cell_has_the_environment_as_it_is(tmp_path, monkeypatch):
    (found,) = environments(tmp_path, monkeypatch, 1, gpus=2, OMP_NUM_THREADS='5')
    assert found['OMP_NUM_THREADS'] == '5' and 'CUDA_VISIBLE_DEVICES' not in found
    assert {key: value for key, value in found.items() if key != 'PATH'} == {
        key: value for key, value in os.environ.items() if key != 'PATH'
    }


def test_this_python_comes_first_on_the_path(tmp_path, monkeypatch):
    (found,) = environments(tmp_path, monkeypatch, 1, PATH='/somewhere')
    folder, rest = found['PATH'].split(os.pathsep, 1)
    assert os.path.exists(os.path.join(folder, 'python')) and rest == '/somewhere'


def test_side_by_side_each_has_one_thread_and_no_gpu_is_named(tmp_path, monkeypatch):
    for found in environments(tmp_path, monkeypatch, 3, OMP_NUM_THREADS='5'):
        assert found['OMP_NUM_THREADS'] == '1'
        assert 'CUDA_VISIBLE_DEVICES' not in found and 'PORT' not in found


@pytest.mark.parametrize(
    'visible, shares', [(None, ['0,1', '2,3', '4,5']), ('7,6,5,4,3,2,1', ['7,6', '5,4', '3,2'])]
)
def test_gpus_are_shared_out(tmp_path, monkeypatch, visible, shares):
    variables = {} if visible is None else {'CUDA_VISIBLE_DEVICES': visible}
    found = environments(tmp_path, monkeypatch, 3, gpus=2, **variables)
    assert [one['CUDA_VISIBLE_DEVICES'] for one in found] == shares
    assert [one['PORT'] for one in found] == [str(FIRST_PORT + slot) for slot in range(3)]


def test_ports_start_from_the_users(tmp_path, monkeypatch):
    found = environments(tmp_path, monkeypatch, 2, gpus=1, PORT='4000')
    assert [one['PORT'] for one in found] == ['4000', '4001']
