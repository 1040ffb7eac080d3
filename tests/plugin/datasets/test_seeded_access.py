"""Draws of a sample follow from its key, whoever drew before."""

import numpy as np
import pytest
import torch

from stslidr.core.seeding import SampleKey
from stslidr.datasets.seeded_access import SeededDataset


class Draws(SeededDataset):
    """Three samples; each gives its index and draws of numpy and torch."""

    def load_data_list(self):
        return [dict(number=number) for number in range(3)]

    def prepare_data(self, idx):
        return idx, np.random.rand(), float(torch.rand(()))


@pytest.fixture
def dataset():
    return Draws()


def test_a_key_gives_the_same_draws_whatever_came_before(dataset):
    keys = [
        SampleKey(index, epoch, seed) for index in range(3) for epoch in (0, 1) for seed in (0, 7)
    ]
    forward = [dataset[key] for key in keys]
    np.random.rand(5), torch.rand(5)
    assert [dataset[key] for key in reversed(keys)] == forward[::-1]
    assert len({sample[1:] for sample in forward}) == len(keys), 'no two keys share their draws'
    assert [sample[0] for sample in forward] == [key.index for key in keys]


def test_a_plain_index_is_that_of_epoch_and_seed_0(dataset):
    assert dataset[1] == dataset[SampleKey(1, 0, 0)] == dataset[np.int64(1)]
    assert dataset[-1] == dataset[2] == dataset[SampleKey(-1)]


@pytest.mark.parametrize('key', [3, -4, SampleKey(3, 1, 1)])
def test_beyond_the_end(dataset, key):
    with pytest.raises(IndexError):
        dataset[key]


def test_the_draws_of_others_go_on_as_without_it(dataset):
    torch.manual_seed(1), np.random.seed(1)
    expected = np.random.rand(), float(torch.rand(()))
    torch.manual_seed(1), np.random.seed(1)
    dataset[0]
    assert (np.random.rand(), float(torch.rand(()))) == expected
