"""Which checkpoint is resumed, and clear errors for those that cannot be."""

import shutil

import pytest
import torch

from stslidr.running.resuming import newest_checkpoint


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
