"""Which checkpoint is resumed, and clear errors for those that cannot be."""

import os
import shutil

import pytest
import torch

from stslidr.errors import InputError, MissingFileError
from stslidr.running.resuming import find_resumable, newest_checkpoint


def make_work_dir(folder):
    folder.mkdir()
    torch.save(dict(state_dict={}), folder / 'epoch_3.pth')
    (folder / 'last_checkpoint').write_text(str(folder / 'epoch_3.pth'))
    return folder


def test_nothing_to_resume(tmp_path):
    assert newest_checkpoint(str(tmp_path)) is None
    assert newest_checkpoint(str(tmp_path / 'absent')) is None


def test_moved_and_copied_work_dirs_use_their_own_file(tmp_path):
    one = make_work_dir(tmp_path / 'one')
    assert newest_checkpoint(str(one)) == str(one / 'epoch_3.pth')
    copy = shutil.copytree(one, tmp_path / 'copy')
    assert newest_checkpoint(str(copy)) == str(copy / 'epoch_3.pth')
    moved = one.rename(tmp_path / 'moved')
    assert newest_checkpoint(str(moved)) == str(moved / 'epoch_3.pth')


def test_checkpoints_elsewhere_and_lost_ones(tmp_path):
    one = make_work_dir(tmp_path / 'one')
    elsewhere = (one / 'epoch_3.pth').rename(tmp_path / 'epoch_3.pth')
    (one / 'last_checkpoint').write_text(f'{elsewhere}\n')
    assert newest_checkpoint(str(one)) == str(elsewhere)
    elsewhere.unlink()
    with pytest.raises(FileNotFoundError, match='epoch_3.pth, which is neither there nor in'):
        newest_checkpoint(str(one))


def make_three(folder):
    """Three checkpoints, of which the last is the newest."""
    folder.mkdir()
    for number in (1, 2, 10):
        path = folder / f'epoch_{number}.pth'
        torch.save(dict(state_dict={'a': torch.ones(100)}), path)
        os.utime(path, (number, number))
    (folder / 'last_checkpoint').write_text(str(folder / 'epoch_10.pth'))
    return folder


def spoil(path):
    data = bytearray(path.read_bytes())
    place = data.index(torch.ones(100).numpy().tobytes())
    data[place + 8 : place + 40] = bytes(32)
    path.write_bytes(data)
    number = int(path.stem.partition('_')[2])
    os.utime(path, (number, number))


def test_nothing_to_go_on_from(tmp_path):
    assert find_resumable(str(tmp_path)) is None
    assert find_resumable(str(tmp_path / 'absent')) is None


def test_the_newest_whole_one_is_taken(tmp_path, capsys):
    folder = make_three(tmp_path / 'work')
    assert find_resumable(str(folder)) == str(folder / 'epoch_10.pth')
    spoil(folder / 'epoch_10.pth')
    assert find_resumable(str(folder)) == str(folder / 'epoch_2.pth')
    (folder / 'epoch_2.pth').write_bytes(b'')
    os.utime(folder / 'epoch_2.pth', (2, 2))
    assert find_resumable(str(folder)) == str(folder / 'epoch_1.pth')
    spoil(folder / 'epoch_1.pth')
    with pytest.raises(InputError, match=r'epoch_10\.pth is damaged.*no older checkpoint in '):
        find_resumable(str(folder))


def test_a_lost_pointer_is_no_reason_to_start_anew(tmp_path):
    folder = make_three(tmp_path / 'work')
    (folder / 'last_checkpoint').unlink()
    torch.save({}, folder / 'other.pth')
    assert find_resumable(str(folder)) == str(folder / 'epoch_10.pth')
    (folder / 'last_checkpoint').write_text(str(folder / 'epoch_11.pth'))
    assert find_resumable(str(folder)) == str(folder / 'epoch_10.pth')
    for path in folder.glob('epoch*'):
        path.unlink()
    with pytest.raises(MissingFileError, match='epoch_11.pth, which is neither there nor in'):
        find_resumable(str(folder))
