"""Seeds follow from their numbers alone, and a seeded block leaves no trace."""

from __future__ import annotations

import random

import numpy as np
import pytest
import torch

from stslidr.core.seeding import SampleKey, derive_seed, seeded


def draw():
    return random.random(), float(np.random.random()), float(torch.rand(()))


def test_sample_key_defaults_to_epoch_and_seed_zero():
    assert SampleKey(7) == (7, 0, 0)
    index, epoch, seed = SampleKey(index=3, epoch=2, seed=1)
    assert (index, epoch, seed) == (3, 2, 1)


def test_seeds_are_stable_and_in_numpys_range():
    """The numbers are kept by checkpoints' users: they may not change between releases."""
    assert derive_seed(0, 0, 0) == derive_seed(0, 0, 0)
    assert derive_seed(2022, 1, np.int64(5)) == derive_seed(2022, 1, 5)
    seeds = [
        derive_seed(seed, epoch, index)
        for seed in range(3)
        for epoch in range(10)
        for index in range(100)
    ]
    assert all(isinstance(seed, int) and 0 <= seed < 2**32 for seed in seeds)
    assert len(set(seeds)) == len(seeds)


def test_order_and_number_of_the_numbers_matter():
    seeds = [derive_seed(*numbers) for numbers in ((), (0,), (0, 0), (1,), (1, 0), (0, 1))]
    assert len(set(seeds)) == len(seeds)


@pytest.mark.parametrize('number', [-1, 2**32, 10**30])
def test_seeds_outside_the_range_are_refused(number):
    with pytest.raises(ValueError, match='seed'):
        derive_seed(3, number)
    with pytest.raises(ValueError), seeded(number):
        pytest.fail('the block ran')


def test_fractions_are_refused():
    with pytest.raises(TypeError):
        derive_seed(1.5)


def test_a_block_draws_the_same_again():
    with seeded(1, 2, 3) as seed:
        first = draw()
    with seeded(1, 2, 3):
        assert draw() == first
    with seeded(1, 2, 4):
        assert all(a != b for a, b in zip(draw(), first, strict=True))
    assert seed == derive_seed(1, 2, 3)


def test_each_generator_gets_the_seed():
    with seeded(5) as seed:
        drawn = draw()
    generator = torch.Generator().manual_seed(seed)
    assert drawn == (
        random.Random(seed).random(),
        np.random.RandomState(seed).random(),
        float(torch.rand((), generator=generator)),
    )


@pytest.mark.parametrize('failing', [False, True])
def test_states_outside_are_untouched(failing):
    random.seed(0)
    np.random.seed(0)
    np.random.normal()  # leaves a cached second value, part of the state
    torch.manual_seed(0)
    saved = random.getstate(), np.random.get_state(), torch.get_rng_state()
    expected = draw(), float(np.random.normal())
    random.setstate(saved[0])
    np.random.set_state(saved[1])
    torch.set_rng_state(saved[2])
    try:
        with seeded(9):
            draw()
            np.random.normal()
            if failing:
                raise KeyError
    except KeyError:
        assert failing
    assert (draw(), float(np.random.normal())) == expected


def test_blocks_nest():
    with seeded(1):
        draw()
        second = draw()
    with seeded(1):
        draw()
        with seeded(2):
            draw()
        assert draw() == second


def test_cuda_generators_are_left_alone(monkeypatch):
    def touched(*_):
        pytest.fail('a CUDA generator was seeded')

    monkeypatch.setattr(torch.cuda, 'manual_seed_all', touched)
    monkeypatch.setattr(torch.cuda, 'manual_seed', touched)
    with seeded(1):
        draw()
