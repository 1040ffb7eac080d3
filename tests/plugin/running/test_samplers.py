"""SeededSampler: order, keys, ranks, starting in mid-epoch."""

import numpy as np
import pytest

from stslidr.running.samplers import SeededSampler


def test_each_epoch_is_a_permutation_that_follows_from_seed_and_epoch():
    sampler = SeededSampler(range(20), seed=3)
    orders = []
    for epoch in range(3):
        sampler.set_epoch(epoch)
        keys = list(sampler)
        assert sorted(key.index for key in keys) == list(range(20))
        assert {(key.epoch, key.seed) for key in keys} == {(epoch, 3)}
        orders.append([key.index for key in keys])
    assert orders[0] != orders[1] != orders[2]
    again = SeededSampler(range(20), seed=3)
    again.set_epoch(1)
    assert [key.index for key in again] == orders[1]
    assert [key.index for key in SeededSampler(range(20), seed=4)] != orders[0]


def test_neighbouring_seeds_do_not_share_shifted_epochs():
    """mmengine's seed + epoch makes epoch 1 of seed 3 the epoch 0 of seed 4."""
    first, second = SeededSampler(range(50), seed=3), SeededSampler(range(50), seed=4)
    first.set_epoch(1)
    assert [key.index for key in first] != [key.index for key in second]


def test_no_shuffle_keeps_the_order():
    assert [key.index for key in SeededSampler(range(5), shuffle=False, seed=0)] == list(range(5))


@pytest.mark.parametrize('size, world', [(10, 2), (11, 2), (3, 4), (1, 3)])
def test_ranks_share_the_epoch_without_gaps(monkeypatch, size, world):
    parts = []
    for rank in range(world):
        monkeypatch.setattr('mmengine.dataset.sampler.get_dist_info', lambda r=rank: (r, world))
        sampler = SeededSampler(range(size), seed=1)
        part = [key.index for key in sampler]
        assert len(part) == len(sampler) == -(-size // world)
        parts.append(part)
    merged = np.array(parts).T.ravel()
    assert sorted(set(merged)) == list(range(size))
    assert list(merged[size:]) == list(merged[: len(merged) - size])[: len(merged) - size]


def test_skip_leaves_out_the_start_of_one_pass():
    sampler = SeededSampler(range(9), seed=5)
    whole = list(sampler)
    sampler.skip(4)
    assert list(sampler) == whole[4:]
    assert list(sampler) == whole
    with pytest.raises(ValueError, match='cannot skip 10 of 9'):
        sampler.skip(10)


def test_empty_dataset_is_an_error():
    with pytest.raises(ValueError, match='ann_file'):
        SeededSampler([], seed=0)
