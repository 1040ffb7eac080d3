"""A process that hangs or ends, as the others of its group tell it."""

import os
import re
import time
from datetime import timedelta

import pytest
import torch
from torch import distributed
from torch import multiprocessing as mp

from stslidr.errors import LostRankError
from stslidr.running.lost_ranks import ends_with_the_others


def _rank(rank, folder, hangs):
    distributed.init_process_group(
        'gloo',
        init_method=f'file://{folder}/store',
        rank=rank,
        world_size=2,
        timeout=timedelta(seconds=3),
    )
    distributed.barrier()
    if rank == 1:
        if hangs:
            time.sleep(8)
        os._exit(0)
    try:
        with ends_with_the_others():
            distributed.all_reduce(torch.ones(3))
    except LostRankError as error:
        (folder / 'said').write_text(str(error))
    os._exit(0)


@pytest.mark.parametrize(('hangs', 'reason'), [(True, 'Timed out'), (False, 'closed|reset')])
def test_the_others_end_with_one_line(tmp_path, hangs, reason):
    mp.spawn(_rank, (tmp_path, hangs), nprocs=2)
    said = (tmp_path / 'said').read_text()
    assert said.startswith('process 0 of 2: another process of this run has ended, or has not answ')
    assert 'env_cfg.dist_cfg.timeout' in said and '--resume' in said and '\n' not in said
    assert re.search(reason, said)


def test_processes_that_never_meet(tmp_path):
    with pytest.raises(LostRankError, match='^the processes do not meet: '), ends_with_the_others():
        distributed.TCPStore('127.0.0.1', 1, 2, False, timedelta(seconds=1))


@pytest.mark.parametrize('error', [RuntimeError('CUDA out of memory'), ValueError('gloo/x')])
def test_other_errors_stay_as_they_are(error):
    with pytest.raises(type(error)) as raised, ends_with_the_others():
        raise error
    assert raised.value is error
