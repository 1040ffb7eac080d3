"""Runs to go on with whose checkpoints are damaged, hostile, or of another run."""

import shutil

import pytest
import torch

from support.checkpoint_damage import content_of, with_code
from support.faults import Fault, absent, in_turn, nothing, written

LAST = 'run/epoch_2.pth'
NAN = float('nan')


def two_files(world):
    shutil.copy(world / LAST, world / 'run/epoch_3.pth')
    with open(world / 'run/epoch_3.pth', 'r+b') as file:
        file.truncate(5000)
    (world / 'run/last_checkpoint').write_text('epoch_3.pth')


def optimizer(edit):
    return content_of(LAST, lambda content: edit(content['optimizer']))


def momenta(edit):
    def change(state):
        for values in state['state'].values():
            for key, value in values.items():
                if torch.is_tensor(value) and value.ndim:
                    values[key] = edit(value)

    return optimizer(change)


def meta(edit):
    return content_of(LAST, lambda content: edit(content['meta']))


def sweep_is_gone(world):
    world.edit_infos(lambda infos: infos['data_list'].pop())


RESUME, END = 'resume', r'epoch_2\.pth'
FAULTS = [
    Fault('run to resume is whole', nothing, 'resumed', RESUME, handled=True),
    Fault(
        'newest checkpoint is damaged, an older one is whole',
        two_files,
        r'epoch_3\.pth',
        RESUME,
        handled=True,
    ),
    Fault('last_checkpoint is missing', absent('run/last_checkpoint'), END, RESUME, handled=True),
    Fault(
        'last_checkpoint names what is gone',
        written('run/last_checkpoint', b'/nowhere/epoch_9.pth'),
        END,
        RESUME,
        handled=True,
    ),
    Fault(
        'last_checkpoint is empty', written('run/last_checkpoint', b''), END, RESUME, handled=True
    ),
    Fault(
        'last_checkpoint is no text',
        written('run/last_checkpoint', b'\xff\xfe\0'),
        END,
        RESUME,
        handled=True,
    ),
    Fault(
        'all checkpoints are damaged',
        lambda w: [p.write_bytes(b'x') for p in (w / 'run').glob('*.pth')],
        r'\.pth',
        RESUME,
    ),
    Fault(
        'resume without optimiser',
        content_of(LAST, lambda c: c.pop('optimizer') and None),
        'optimi',
        RESUME,
    ),
    Fault(
        'resume with an optimiser that is a text',
        content_of(LAST, lambda c: c.update(optimizer='SGD')),
        'optimi',
        RESUME,
    ),
    Fault(
        'resume with an optimiser without groups',
        optimizer(lambda o: o.update(param_groups=[])),
        'optimi',
        RESUME,
    ),
    Fault(
        'resume with momenta of other shapes', momenta(lambda value: torch.zeros(3)), END, RESUME
    ),
    Fault('resume with NaN momenta', momenta(lambda value: value * NAN), 'NaN|finite', RESUME),
    Fault(
        'resume with another optimiser',
        nothing,
        'optimi',
        RESUME,
        'optim_wrapper.optimizer._delete_=True optim_wrapper.optimizer.type=SGD '
        'optim_wrapper.optimizer.lr=0.1',
    ),
    Fault(
        'resume with another learning rate',
        nothing,
        r'lr|learning rate',
        RESUME,
        'optim_wrapper.optimizer.lr=0.123',
    ),
    Fault(
        'resume without meta',
        content_of(LAST, lambda c: c.pop('meta') and None),
        'no epoch, iter, seed',
        RESUME,
    ),
    Fault('resume at a negative iteration', meta(lambda m: m.update(iter=-1)), 'iter', RESUME),
    Fault(
        'resume at an iteration that is a text', meta(lambda m: m.update(iter='2')), 'iter', RESUME
    ),
    Fault('resume at epoch NaN', meta(lambda m: m.update(epoch=NAN)), 'epoch', RESUME),
    Fault(
        'resume beyond the last epoch',
        meta(lambda m: m.update(epoch=9, iter=9)),
        'epoch|max_epochs',
        RESUME,
    ),
    Fault(
        'resume where epoch and iteration do not fit',
        meta(lambda m: m.update(epoch=0, iter=999)),
        'iter',
        RESUME,
    ),
    Fault(
        'resume without schedule',
        content_of(LAST, lambda c: c.pop('param_schedulers') and None),
        'schedul',
        RESUME,
    ),
    Fault(
        'resume with a schedule of another form',
        content_of(LAST, lambda c: c.update(param_schedulers=[1])),
        'schedul',
        RESUME,
    ),
    Fault('resume on other samples', sweep_is_gone, 'samples|data', RESUME),
    Fault(
        'resume with another seed',
        nothing,
        'random seed in the checkpoint',
        RESUME,
        'randomness.seed=99',
        handled=True,
    ),
    Fault(
        'resume of weights that do not all fit',
        content_of(LAST, lambda c: c['state_dict'].popitem() and None),
        END,
        RESUME,
    ),
    Fault('resume of a checkpoint with code', with_code(LAST), r'\.pth', RESUME, handled=True),
]


@pytest.mark.parametrize('fault', in_turn(FAULTS))
def test_fault(fault, world, capsys):
    fault.check(world, capsys)
