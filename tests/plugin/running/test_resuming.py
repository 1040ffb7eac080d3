"""Which checkpoint is resumed, and clear errors for those that cannot be."""

import shutil
from collections import OrderedDict

import pytest
import torch
from torch import nn

from stslidr.running.resuming import (
    check_all_weights,
    check_readable,
    newest_checkpoint,
    read_checkpoint,
)


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


class Code:
    def __reduce__(self):
        return print, ('this must not run',)


def test_damaged_foreign_and_missing_checkpoints_are_named(tmp_path, capsys):
    whole = tmp_path / 'whole.pth'
    torch.save(dict(state_dict=dict(w=torch.ones(1000))), whole)
    assert read_checkpoint(str(whole))['state_dict']['w'].sum() == 1000
    for name, content in (
        ('cut.pth', whole.read_bytes()[:-700]),
        ('garbage.pth', b'no weights'),
        ('empty.pth', b''),
    ):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(ValueError, match=rf'{name}: truncated, no checkpoint'):
            check_readable(str(tmp_path / name))
    torch.save(dict(meta=Code()), tmp_path / 'code.pth')
    with pytest.raises(ValueError, match='code.pth.*could run code'):
        check_readable(str(tmp_path / 'code.pth'))
    assert 'must not run' not in capsys.readouterr().out
    with pytest.raises(FileNotFoundError, match='absent.pth: no such checkpoint'):
        check_readable(str(tmp_path / 'absent.pth'))
    check_readable('https://example.org/weights.pth')  # mmengine's business


def test_weights_that_do_not_fit_are_not_scored(tmp_path):
    model, path = nn.Linear(3, 2), str(tmp_path / 'weights.pth')
    torch.save(dict(state_dict=model.state_dict()), path)
    check_all_weights(model, path)
    torch.save(model.state_dict(), path)
    check_all_weights(model, path)
    torch.save(dict(state_dict=OrderedDict(weight=torch.ones(2, 4), bias=torch.ones(2))), path)
    with pytest.raises(ValueError, match='1 tensors are missing or of another shape, as weight'):
        check_all_weights(model, path)
