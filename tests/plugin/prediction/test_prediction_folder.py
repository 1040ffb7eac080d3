"""Which sweeps are labelled, under which names, and when a folder's labels may be kept."""

import hashlib
import json

import numpy as np
import pytest

from stslidr.dataset_records.nuscenes import NUSCENES
from stslidr.dataset_records.semantickitti import SEMANTIC_KITTI
from stslidr.errors import InputError, MissingFileError
from stslidr.prediction.prediction_folder import (
    MANIFEST,
    PredictionFolder,
    SweepFile,
    check_out,
    find_sweeps,
)


class FakePredictor:
    """Says that every point is of the class that its sweep's first byte names."""

    def __init__(self, record=NUSCENES, weights='w'):
        self.record = record
        self.origin = {'checkpoint_sha256': weights, 'config_sha256': 'c'}
        self.labelled, self.drawn = [], []

    def __call__(self, path):
        self.labelled.append(path)
        content = path.read_bytes()
        return np.full(len(content), content[0]), np.zeros((len(content), 4))

    def num_points(self, path):
        return path.stat().st_size

    def draw(self, path, classes, points, title):
        self.drawn.append(title)
        path.write_bytes(b'png...IEND\xaeB`\x82')


@pytest.fixture
def sweeps(tmp_path):
    """Three sweeps in a folder with others."""
    folder = tmp_path / 'sweeps'
    (folder / 'b').mkdir(parents=True)
    for number, name in enumerate(('a.bin', 'b/a.bin', 'b/c.pcd.bin')):
        (folder / name).write_bytes(bytes([number] * (5 + number)))
    (folder / 'a_lidarseg.bin').write_bytes(b'labels')
    (folder / 'notes.txt').touch()
    return folder


def names(found):
    return [sweep.name for sweep in found]


def test_a_folder_gives_its_sweeps_sorted_and_no_labels(sweeps):
    found = find_sweeps([sweeps], NUSCENES)
    assert names(found) == ['a', 'b/a', 'b/c.pcd']
    assert [sweep.path for sweep in found] == [
        sweeps / 'a.bin',
        sweeps / 'b/a.bin',
        sweeps / 'b/c.pcd.bin',
    ]


def test_files_keep_their_order_and_count_once(sweeps):
    found = find_sweeps(
        [sweeps / 'b/c.pcd.bin', str(sweeps / 'a.bin'), sweeps / 'b/../a.bin'], NUSCENES
    )
    assert names(found) == ['c.pcd', 'a']


def test_what_names_no_sweep_is_refused(sweeps, tmp_path):
    with pytest.raises(InputError, match=r'a\.bin and .*b/a\.bin would have one name'):
        find_sweeps([sweeps / 'a.bin', sweeps / 'b/a.bin'], NUSCENES)
    with pytest.raises(MissingFileError, match='absent'):
        find_sweeps([sweeps, tmp_path / 'absent'], NUSCENES)
    (tmp_path / 'empty').mkdir()
    with pytest.raises(InputError, match='holds no sweep'):
        find_sweeps([tmp_path / 'empty'], NUSCENES)


def test_an_output_folder_that_is_a_file(tmp_path):
    (tmp_path / 'file').touch()
    for out in (tmp_path, tmp_path / 'new'):
        check_out(out)
    with pytest.raises(InputError, match='is a file'):
        check_out(tmp_path / 'file')
    with pytest.raises(InputError, match='is a file'):
        PredictionFolder(tmp_path / 'file', FakePredictor(), False)


def label(sweeps, out, predictor, pictures=False):
    """Label as the tool does; return what was finished before."""
    folder = PredictionFolder(out, predictor, pictures)
    found = find_sweeps([sweeps], NUSCENES)
    finished = [folder.enter(sweep) for sweep in found]
    folder.write_manifest()
    for sweep, done in zip(found, finished, strict=True):
        if not done:
            folder.finish(sweep)
    return finished


@pytest.mark.parametrize('record', [NUSCENES, SEMANTIC_KITTI], ids=lambda record: record.name)
def test_files_and_manifest(sweeps, tmp_path, record):
    label_format = record.labels
    assert label(sweeps, tmp_path / 'out', FakePredictor(record)) == [False] * 3
    ids = label_format.written_ids
    ending = {'lidarseg': '_lidarseg.bin', 'semantickitti': '.label'}[label_format.name]
    for number, name in enumerate(('a', 'b/a', 'b/c.pcd')):
        written = np.fromfile(tmp_path / 'out' / f'{name}{ending}', label_format.dtype)
        assert written.tolist() == [ids[number]] * (5 + number)
    manifest = json.loads((tmp_path / 'out' / MANIFEST).read_text())
    assert manifest['classes'] == dict(zip(record.classes, ids, strict=True))
    assert manifest['label_format'] == label_format.name
    assert manifest['checkpoint_sha256'] == 'w' and manifest['config_sha256'] == 'c'
    digest = hashlib.sha256((sweeps / 'b/a.bin').read_bytes()).hexdigest()
    assert manifest['sweeps_sha256']['b/a'] == digest and len(manifest['sweeps_sha256']) == 3


def test_what_is_there_is_kept_and_pictures_are_added(sweeps, tmp_path):
    out = tmp_path / 'out'
    label(sweeps, out, FakePredictor())
    (out / 'b/a_lidarseg.bin').unlink()
    again = FakePredictor()
    assert label(sweeps, out, again) == [True, False, True]
    assert again.labelled == [sweeps / 'b/a.bin']
    drawing = FakePredictor()
    assert label(sweeps, out, drawing, pictures=True) == [False] * 3
    assert drawing.drawn == ['a', 'b/a', 'b/c.pcd']
    assert label(sweeps, out, FakePredictor(), pictures=True) == [True] * 3


def test_labels_of_another_run_or_sweep_are_not_mixed(sweeps, tmp_path):
    out = tmp_path / 'out'
    label(sweeps, out, FakePredictor())
    with pytest.raises(InputError, match='another checkpoint_sha256'):
        PredictionFolder(out, FakePredictor(weights='other'), False)
    (sweeps / 'a.bin').write_bytes(b'\x02')
    folder = PredictionFolder(out, FakePredictor(), False)
    with pytest.raises(InputError, match=r'a_lidarseg\.bin holds the labels of another sweep'):
        folder.enter(SweepFile(sweeps / 'a.bin', 'a'))
    (out / 'a_lidarseg.bin').unlink()
    assert not folder.enter(SweepFile(sweeps / 'a.bin', 'a'))


@pytest.mark.parametrize('content', ['[]', '{"checkpoint_sha256": 3}'])
def test_a_manifest_of_something_else_is_refused(tmp_path, content):
    (tmp_path / MANIFEST).write_text(content)
    with pytest.raises(InputError, match='predictions of another run'):
        PredictionFolder(tmp_path, FakePredictor(), False)


def test_labels_without_a_manifest_and_a_damaged_one_are_refused(tmp_path):
    (tmp_path / 'x_lidarseg.bin').touch()
    with pytest.raises(InputError, match=f'no {MANIFEST}'):
        PredictionFolder(tmp_path, FakePredictor(), False)
    (tmp_path / MANIFEST).write_text('{')
    with pytest.raises(InputError, match='no readable JSON'):
        PredictionFolder(tmp_path, FakePredictor(), False)


@pytest.mark.parametrize('left', [0, 3])
def test_labels_and_pictures_that_were_cut_short_are_made_again(sweeps, tmp_path, left):
    out = tmp_path / 'out'
    label(sweeps, out, FakePredictor(), pictures=True)
    whole = (out / 'b/a_lidarseg.bin').read_bytes()
    (out / 'b/a_lidarseg.bin').write_bytes(whole[:left])
    assert label(sweeps, out, FakePredictor(), pictures=True) == [True, False, True]
    assert (out / 'b/a_lidarseg.bin').read_bytes() == whole
    (out / 'a.png').write_bytes(b'png...IEND'[:left])
    assert label(sweeps, out, FakePredictor(), pictures=True) == [False, True, True]


def test_linked_folders_are_gone_through_once_and_hidden_files_left_out(sweeps, tmp_path):
    elsewhere = tmp_path / 'elsewhere'
    (elsewhere / '.cache').mkdir(parents=True)
    for name in ('d.bin', '._d.bin', '.cache/e.bin'):
        (elsewhere / name).write_bytes(b'1234')
    (sweeps / 'linked').symlink_to(elsewhere)
    (sweeps / 'b' / 'up').symlink_to(sweeps)
    (sweeps / 'f.bin').symlink_to(elsewhere / 'd.bin')
    found = find_sweeps([sweeps], NUSCENES)
    assert names(found) == ['a', 'b/a', 'b/c.pcd', 'f', 'linked/d']
