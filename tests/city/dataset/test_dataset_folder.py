"""A root is made whole or visibly unfinished, and holds the same bytes however it was made."""

import errno
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from fake_dataset import PARAMETERS, contents, make
from nuscenes.nuscenes import NuScenes

from stslidr.errors import FileAccessError
from stslidr.preparation.nuscenes_infos import create_nuscenes_infos
from stslidr_city.dataset import disk_space
from stslidr_city.dataset.folder import PendingKeyframes, open_root
from stslidr_city.dataset.parameters import Parameters

HERE = Path(__file__).parent
TOTAL = PARAMETERS.num_keyframes
SMALL = Parameters(scenes=1, keyframes=2, seed=7, image_size=(64, 36))


def start(root, **recorder):
    """Make the data set in another process, a session of its own."""
    # a shell that starts the tests in the background has interrupts ignored
    code = (
        'import signal; signal.signal(signal.SIGINT, signal.default_int_handler); '
        f'from fake_dataset import make; make({str(root)!r}, workers=2, **{recorder!r})'
    )
    paths = [str(HERE), str(HERE.parents[1]), str(HERE.parents[2] / 'projects' / 'STSLidR')]
    return subprocess.Popen(
        [sys.executable, '-c', code],
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        env={**os.environ, 'PYTHONPATH': os.pathsep.join(paths)},
    )


def records(root):
    return sorted((root / '.keyframes').rglob('[0-9]*.json'))


def wait_for_records(root, process, count):
    deadline = time.monotonic() + 60
    while len(records(root)) < count:
        assert time.monotonic() < deadline and process.poll() is None, process.communicate()[0]
        time.sleep(0.005)


def cut(*arguments):
    raise KeyboardInterrupt


def plan_of(root, parameters=PARAMETERS):
    with open_root(root, parameters) as folder:
        return folder.plan()


def test_workers_do_not_show_in_the_bytes(fake_root, tmp_path):
    make(tmp_path, workers=2, seconds=0.01)
    assert contents(tmp_path) == contents(fake_root)
    assert not list(tmp_path.rglob('.*')), 'no hidden file stays'


@pytest.mark.parametrize('victims', ['all', 'parent'])
def test_killed_and_resumed_gives_the_root_of_an_uninterrupted_run(fake_root, tmp_path, victims):
    root = tmp_path / 'root'
    process = start(root, seconds=0.2)
    wait_for_records(root, process, 3)
    kill = process.kill if victims == 'parent' else lambda: os.killpg(process.pid, signal.SIGKILL)
    kill()
    process.communicate(timeout=30)  # returns when no process holds the pipe: all are gone
    assert process.returncode == -signal.SIGKILL
    kept = {path: path.stat().st_mtime_ns for path in records(root)}
    assert 3 <= len(kept) < TOTAL

    with pytest.raises(AssertionError, match='not found'):
        NuScenes('v1.0-synthetic', str(root), verbose=False)
    with pytest.raises(FileNotFoundError, match='unfinished.*create_synthetic.py again'):
        create_nuscenes_infos(root, 'v1.0-synthetic', tmp_path / 'infos')

    assert len(make(root).pending) == TOTAL - len(kept)
    assert contents(root) == contents(fake_root)


def test_interrupted_by_hand(fake_root, tmp_path):
    process = start(tmp_path, seconds=0.2)
    wait_for_records(tmp_path, process, 1)
    process.send_signal(signal.SIGINT)
    output = process.communicate(timeout=60)[0]
    assert process.returncode and 'KeyboardInterrupt' in output
    make(tmp_path)
    assert contents(tmp_path) == contents(fake_root)


def test_an_error_in_a_keyframe_leaves_an_unfinished_root(fake_root, tmp_path):
    with pytest.raises(RuntimeError, match='as told'):
        make(tmp_path, failing=2)
    assert not (tmp_path / 'v1.0-synthetic').exists()
    make(tmp_path)
    assert contents(tmp_path) == contents(fake_root)


def test_killed_while_the_tables_are_written(fake_root, tmp_path, monkeypatch):
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(os, 'rename', cut)
        make(tmp_path)
    assert not (tmp_path / 'v1.0-synthetic').exists() and len(records(tmp_path)) == TOTAL
    assert not make(tmp_path).pending
    assert contents(tmp_path) == contents(fake_root)


def test_resuming_looks_at_the_files_of_what_is_done(fake_root, tmp_path, monkeypatch):
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(os, 'rename', cut)
        make(tmp_path)
    image = next((tmp_path / 'samples' / 'CAM_BACK').iterdir())
    image.write_bytes(image.read_bytes()[:-1])
    next((tmp_path / 'maps').iterdir()).unlink()
    records(tmp_path)[-1].write_text('{"half": ')
    assert 2 <= len(make(tmp_path).pending) <= 3
    assert contents(tmp_path) == contents(fake_root)


def test_a_complete_root_is_left_alone_and_made_whole_again(fake_root, tmp_path):
    root = tmp_path / 'root'
    shutil.copytree(fake_root, root)
    (root / 'nuscenes_infos_synthetic_train.pkl').write_bytes(b'of the user')
    plan = plan_of(root)
    assert plan.has_tables and not plan.pending and plan.needed == 0
    shutil.rmtree(root / 'lidarseg')
    assert len(plan_of(root).pending) == TOTAL
    shutil.copytree(fake_root / 'lidarseg', root / 'lidarseg')
    sweep = sorted((root / 'samples' / 'LIDAR_TOP').iterdir())[5]
    sweep.unlink()
    plan = make(root)
    assert list(plan.pending) == [(1, 1)]
    (root / 'nuscenes_infos_synthetic_train.pkl').unlink()
    assert contents(root) == contents(fake_root)


def test_files_that_come_out_otherwise_are_not_mixed_in(fake_root, tmp_path):
    root = tmp_path / 'root'
    shutil.copytree(fake_root, root)
    next((root / 'samples' / 'CAM_FRONT').iterdir()).unlink()
    files = root / 'v1.0-synthetic' / 'files.jsonl'
    files.write_text(re.sub(r'(CAM_FRONT__\d+\.jpg": \d+)', r'\g<1>9', files.read_text()))
    with pytest.raises(ValueError, match='keyframe 0 of synthetic-0001 come out otherwise'):
        make(root)


def test_a_version_folder_without_a_table_is_an_error(fake_root, tmp_path):
    root = tmp_path / 'root'
    shutil.copytree(fake_root, root)
    (root / 'v1.0-synthetic' / 'scene.json').unlink()
    with pytest.raises(FileNotFoundError, match='lacks scene.json: delete this folder'):
        plan_of(root)
    shutil.rmtree(root / 'v1.0-synthetic')
    make(root)
    assert contents(root) == contents(fake_root)


@pytest.mark.parametrize(
    'damage',
    [
        lambda lines: lines[1:],
        lambda lines: lines[:1] + lines[2:],
        lambda lines: lines[:-1],
        lambda lines: [lines[0], '{}', *lines[2:]],
        lambda lines: ['no JSON', *lines[1:]],
        lambda lines: [],
    ],
)
def test_a_damaged_list_of_files_is_an_error(fake_root, tmp_path, damage):
    root = tmp_path / 'root'
    shutil.copytree(fake_root, root)
    listed = root / 'v1.0-synthetic' / 'files.jsonl'
    listed.write_text(''.join(f'{line}\n' for line in damage(listed.read_text().splitlines())))
    with pytest.raises(ValueError, match='v1.0-synthetic is damaged .*delete this folder and run'):
        plan_of(root)


def test_a_cut_table_is_an_error(fake_root, tmp_path):
    root = tmp_path / 'root'
    shutil.copytree(fake_root, root)
    table = root / 'v1.0-synthetic' / 'sample_annotation.json'
    table.write_bytes(table.read_bytes()[:300])
    with pytest.raises(ValueError, match='sample_annotation.json changed.*delete this folder'):
        plan_of(root)


def test_an_empty_name_is_no_root():
    with pytest.raises(ValueError, match='--root is empty'), open_root('', PARAMETERS):
        pass


@pytest.mark.parametrize(
    'change, said',
    [
        ({'seed': 8}, 'seed 7 (now 8)'),
        ({'scenes': 4}, 'scenes 3 (now 4)'),
        ({'image_size': (64, 40)}, 'image_size 64x36 (now 64x40)'),
        ({'diagnostics': False}, 'diagnostics True (now False)'),
    ],
)
def test_other_parameters_in_the_same_root(fake_root, change, said):
    before = contents(fake_root)
    with pytest.raises(ValueError, match=re.escape(said) + '.*choose another --root, or delete'):
        plan_of(fake_root, Parameters(**{**vars(PARAMETERS), **change}))
    assert contents(fake_root) == before


def test_a_root_with_something_else_is_refused(tmp_path):
    (tmp_path / 'v1.0-mini').mkdir()
    with pytest.raises(ValueError, match='holds v1.0-mini and no synthetic.json'):
        plan_of(tmp_path)
    assert os.listdir(tmp_path) == ['v1.0-mini']


def test_a_root_that_is_or_lies_in_a_file(tmp_path):
    (tmp_path / 'file').touch()
    with pytest.raises(OSError, match='file is a file'):
        plan_of(tmp_path / 'file')
    with pytest.raises(OSError, match='root cannot be made.*another --root'):
        plan_of(tmp_path / 'file' / 'root')


def test_an_unwritable_root():
    with pytest.raises(OSError, match='cannot be (made|written).*another --root'):
        plan_of('/proc/synthetic')


def test_unwritable_for_this_user(tmp_path, monkeypatch):
    monkeypatch.setattr(os, 'access', lambda *arguments: False)  # the tests may run as root
    with pytest.raises(FileAccessError, match='cannot be written'):
        plan_of(tmp_path)


def test_two_processes_do_not_make_one_root(tmp_path):
    with open_root(tmp_path, PARAMETERS), pytest.raises(OSError, match='another process is making'):
        plan_of(tmp_path)
    plan_of(tmp_path)


def test_too_little_space_is_seen_before_the_start(tmp_path, monkeypatch):
    monkeypatch.setattr(disk_space, 'free_bytes', lambda root: 1_000_000)
    with pytest.raises(OSError, match=r'about \d+ MB are needed.* and 1 MB are free'):
        make(tmp_path)
    assert not list(tmp_path.iterdir())


def test_the_estimate_is_not_below_what_is_written(fake_root):
    written = sum(path.stat().st_blocks * 512 for path in fake_root.rglob('*') if path.is_file())
    estimate = TOTAL * disk_space.keyframe_bytes(PARAMETERS)
    assert written < estimate + disk_space.table_bytes(PARAMETERS)


def test_a_file_that_cannot_be_written_in_mid_run(tmp_path):
    """A limit on file sizes stands for the full disk: both are OSErrors of the write."""
    with (
        limited(resource.RLIMIT_FSIZE, 9_000),
        pytest.raises(OSError, match=r'File too large.*LIDAR_TOP/\S+\.pcd\.bin.*go on where'),
    ):
        make(tmp_path, SMALL, workers=1)
    assert not (tmp_path / 'v1.0-synthetic').exists()
    assert not list((tmp_path / 'samples').rglob('*.bin'))
    make(tmp_path, SMALL)
    assert NuScenes('v1.0-synthetic', str(tmp_path), verbose=False).scene


def test_a_full_disk_under_the_tables(tmp_path, monkeypatch):
    def full(*arguments):
        raise OSError(errno.ENOSPC, 'No space left on device')

    with (
        monkeypatch.context() as patched,
        pytest.raises(OSError, match='No space left.*json.*run the same command again'),
    ):
        patched.setattr('stslidr_city.dataset.writing.JsonArray.append', full)
        make(tmp_path, SMALL)
    assert not (tmp_path / 'v1.0-synthetic').exists()
    assert not make(tmp_path, SMALL).pending


class limited:
    """Run the block, and the processes it starts, under a limit."""

    def __init__(self, kind, value):
        self.kind, self.value, self.before = kind, value, resource.getrlimit(kind)

    def __enter__(self):
        resource.setrlimit(self.kind, (self.value, self.before[1]))

    def __exit__(self, *error):
        resource.setrlimit(self.kind, self.before)


def test_pending_keyframes_take_eight_bytes_each():
    pending = PendingKeyframes(1_000, iter(range(0, 3_000_000, 3)))
    assert len(pending) == 1_000_000
    assert pending[333_334] == (1_000, 2)
    assert str(pending[0]) == 'keyframe 0 of synthetic-0001'
    assert pending._numbers.itemsize == 8
