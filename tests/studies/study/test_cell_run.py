"""A cell from its first command to its end: what is run, and what its note says at each step."""

import json
from datetime import datetime, timedelta, timezone
from hashlib import sha256

import pytest

from stslidr.errors import InputError, MissingFileError
from stslidr_studies.study import cell_run
from stslidr_studies.study.cell_notes import read_cell_note
from stslidr_studies.study.cell_run import CellRun, timestamp
from stslidr_studies.study.cells import enumerate_cells
from stslidr_studies.study.commands import Commands
from support.made_up_cells import SCENES, make_origin, make_study, write_result_of

RANDOM_PROBE, _, GOOD, GOOD_PROBE = enumerate_cells(make_study(seeds=(5,)))[:4]
ONES = {scene: [[1, 0, 0], [0, 1, 0], [0, 0, 1]] for scene in SCENES}


@pytest.fixture
def out(tmp_path, monkeypatch):
    monkeypatch.setattr('os.fsync', lambda descriptor: None)
    for cell in (RANDOM_PROBE, GOOD, GOOD_PROBE):
        (tmp_path / cell.folder).mkdir(parents=True)
    return tmp_path


@pytest.fixture
def seconds(monkeypatch):
    """The seconds on the clock of the cells; to be moved."""

    class Time:
        now = 100.0

        def monotonic(self):
            return self.now

    made = Time()
    monkeypatch.setattr(cell_run, 'time', made)
    return made


def start(out, cell, stored=None, parent=None):
    return CellRun(cell, out, Commands(out / 'tools', 'data', 0), make_origin(cell), stored, parent)


def train(out, cell, weights=b'weights', epochs=(1, 2, 3)):
    """What tools/train.py leaves; returns the SHA-256 of the last checkpoint."""
    folder = out / cell.folder
    for epoch in epochs:
        (folder / f'epoch_{epoch}.pth').write_bytes(weights + str(epoch).encode())
    (folder / 'last_checkpoint').write_text(f'epoch_{epochs[-1]}.pth')
    return sha256(weights + str(epochs[-1]).encode()).hexdigest()


def on_disk(out, cell):
    return json.loads((out / cell.folder / 'cell.json').read_text())


def finish_pretraining(out):
    run = start(out, GOOD)
    run.next_command()
    train(out, GOOD)
    run.note_success()
    assert run.next_command() is None
    run.finish()
    return run.note


def test_a_pretraining_is_trained_and_done(out):
    run = start(out, GOOD)
    before = dict(run.note)
    assert not before['trained'] and before['checkpoint'] is None and before['ended'] is None
    command = run.next_command()
    assert command[1].endswith('tools/train.py') and 'pretrain.py' in command
    assert on_disk(out, GOOD) == {**before, 'commands': [command]}
    digest = train(out, GOOD)
    run.note_success()
    assert run.note['trained'] and run.note['checkpoint'] == 'epoch_3.pth'
    assert run.note['checkpoint_sha256'] == digest
    assert run.next_command() is None, 'a pretraining is not scored'
    run.finish()
    stored = read_cell_note(out / GOOD.folder)
    assert stored == run.note and stored['ended'] and stored['label_split'] is None
    assert stored['parent_checkpoint_sha256'] is None


def test_a_task_starts_from_its_pretraining_and_is_scored(out):
    parent = finish_pretraining(out)
    run = start(out, GOOD_PROBE, parent=parent)
    command = run.next_command()
    assert f'load_from={out / GOOD.folder}/epoch_3.pth' in command
    assert run.note['parent_checkpoint_sha256'] == parent['checkpoint_sha256']
    digest = train(out, GOOD_PROBE, b'probe')
    run.note_success()
    test = run.next_command()
    assert test[1].endswith('tools/test.py') and f'{out / GOOD_PROBE.folder}/epoch_3.pth' in test
    write_result_of(out, GOOD_PROBE, ONES, checkpoint_sha256=digest, label_split='1pct')
    run.note_success()
    assert run.next_command() is None
    run.finish()
    note = on_disk(out, GOOD_PROBE)
    assert note['commands'] == [command, test]
    assert (note['label_split'], note['label_split_sha256']) == ('1pct', 'split')


def test_a_task_without_pretraining_starts_from_nothing(out):
    run = start(out, RANDOM_PROBE)
    assert not any('load_from' in word for word in run.next_command())
    assert run.note['parent_checkpoint_sha256'] is None


def test_other_checkpoints_are_deleted_once_it_is_trained(out):
    run = start(out, GOOD)
    run.next_command()
    train(out, GOOD, epochs=(1, 2, 10))
    (out / GOOD.folder / 'notes.txt').touch()
    run.note_success()
    names = sorted(path.name for path in (out / GOOD.folder).iterdir())
    assert names == ['cell.json', 'epoch_10.pth', 'last_checkpoint', 'log.txt', 'notes.txt']


def test_training_without_a_checkpoint_is_an_error(out):
    run = start(out, GOOD)
    run.next_command()
    with pytest.raises(InputError, match='good seed 5 pretrain has trained without a checkpoint'):
        run.note_success()
    assert not run.note['trained']
    (out / GOOD.folder / 'last_checkpoint').write_text('epoch_9.pth')
    with pytest.raises(MissingFileError, match='names epoch_9.pth'):
        run.note_success()


@pytest.mark.parametrize('left', ['nothing', 'of another checkpoint'])
def test_a_test_that_leaves_no_result_is_an_error(out, left):
    run = start(out, RANDOM_PROBE)
    run.next_command()
    train(out, RANDOM_PROBE)
    run.note_success()
    run.next_command()
    if left != 'nothing':
        write_result_of(out, RANDOM_PROBE, ONES, checkpoint_sha256='another')
    with pytest.raises(InputError, match=r'has left no result\.json of epoch_3\.pth'):
        run.note_success()
    assert run.next_command()[1].endswith('test.py'), 'the next start scores it again'


def test_a_damaged_result_is_an_error(out):
    run = start(out, RANDOM_PROBE)
    run.next_command()
    train(out, RANDOM_PROBE)
    run.note_success()
    (out / RANDOM_PROBE.folder / 'result.json').write_text('{"cut')
    with pytest.raises(InputError, match=r'result\.json is no readable JSON'):
        run.next_command()


def test_a_result_that_is_there_is_not_made_again(out):
    run = start(out, RANDOM_PROBE)
    run.next_command()
    digest = train(out, RANDOM_PROBE)
    run.note_success()
    write_result_of(out, RANDOM_PROBE, ONES, checkpoint_sha256=digest)
    again = start(out, RANDOM_PROBE, stored=on_disk(out, RANDOM_PROBE))
    assert again.next_command() is None
    again.finish()
    assert on_disk(out, RANDOM_PROBE)['ended']


def test_a_later_start_goes_on_with_the_note(out, seconds):
    first = start(out, GOOD)
    first.note['started'] = 'long ago'
    first.next_command()
    seconds.now += 12.34
    first.pause()
    assert on_disk(out, GOOD)['seconds'] == 12.3
    train(out, GOOD, epochs=(1,))
    seconds.now += 1000  # nobody runs it
    second = start(out, GOOD, stored=on_disk(out, GOOD))
    assert '--resume' in second.next_command()
    seconds.now += 7
    second.note_success()
    note = on_disk(out, GOOD)
    assert note['seconds'] == pytest.approx(19.3) and note['started'] == 'long ago'
    assert len(note['commands']) == 2 and '--resume' not in note['commands'][0]


def test_keys_keep_their_order_over_starts(out):
    run = start(out, GOOD)
    run.next_command()
    before = list(on_disk(out, GOOD))
    start(out, GOOD, stored=on_disk(out, GOOD)).pause()
    assert list(on_disk(out, GOOD)) == before
    assert before[:3] == ['parent_checkpoint_sha256', 'trained', 'checkpoint']
    assert before[-1] == 'settings'


def test_time_is_counted_once(out, seconds):
    run = start(out, GOOD)
    for pause in (1.0, 2.0, 0.0):
        seconds.now += pause
        run.pause()
    assert run.note['seconds'] == 3.0
    run.finish()
    assert run.note['seconds'] == 3.0


def test_a_changed_checkpoint_of_the_pretraining_is_refused(out):
    parent = finish_pretraining(out)
    (out / GOOD.folder / 'epoch_3.pth').write_bytes(b'others')
    found = sha256(b'others').hexdigest()
    with pytest.raises(InputError, match=f'has the SHA-256 {found}, but its note says'):
        start(out, GOOD_PROBE, parent=parent)


def test_a_lost_checkpoint_of_the_pretraining_is_named_with_what_to_do(out):
    parent = finish_pretraining(out)
    (out / GOOD.folder / 'epoch_3.pth').unlink()
    with pytest.raises(MissingFileError, match=f'delete {out / GOOD.folder} to train it anew'):
        start(out, GOOD_PROBE, parent=parent)


def test_a_record_of_a_trained_cell_without_a_checkpoint_is_refused(out):
    stored = {**start(out, RANDOM_PROBE).note, 'trained': True}
    with pytest.raises(InputError, match='says that the cell is trained, and names no checkpoint'):
        start(out, RANDOM_PROBE, stored=stored).next_command()


def test_the_log_names_each_command_with_its_time(out):
    run = start(out, GOOD)
    assert run.last_lines() == '', 'nothing before the first command'
    command = run.next_command()
    line = run.log.read_text()
    time, words = line.rstrip('\n').split(' ', 1)
    assert datetime.fromisoformat(time).tzinfo is not None
    assert words.split()[1] == command[1] and words.endswith('model.width=8')


def test_the_end_of_the_log_is_shown_whatever_bytes_are_in_it(out):
    run = start(out, GOOD)
    run.log.write_bytes(b''.join(b'line %d\n' % number for number in range(100)) + b'\xff\xfe\n\n')
    lines = run.last_lines().splitlines()
    assert len(lines) == cell_run.TAIL and lines[-2] == 'line 99' and lines[0] == 'line 86'


def test_times_are_in_utc():
    now = datetime.fromisoformat(timestamp())
    assert now.utcoffset() == timedelta(0) and now.microsecond == 0
    assert abs(datetime.now(timezone.utc) - now) < timedelta(seconds=5)
