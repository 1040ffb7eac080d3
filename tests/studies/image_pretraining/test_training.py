"""Batches follow from seed and step; training learns, and twice the same."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from stslidr.errors import InputError
from stslidr_studies.image_pretraining.contrast import SuperpixelContrast
from stslidr_studies.image_pretraining.settings import WARM_UP, TrainingSettings, ViewSettings
from stslidr_studies.image_pretraining.training import draw_batch, train_encoder

SETTINGS = TrainingSettings(
    iterations=25, batch_size=4, seed=5, views=ViewSettings(size=(48, 80), area=(0.5, 1.0))
)


def trained(images, settings):
    model = SuperpixelContrast(0.1, settings.seed)
    results = list(train_encoder(model, images, settings))
    return model, [result.loss.item() for result in results]


def test_training_learns_and_twice_the_same(images):
    model, losses = trained(images, SETTINGS)
    again, same = trained(images, SETTINGS)
    assert losses == same
    state = again.state_dict()
    assert all(torch.equal(value, state[name]) for name, value in model.state_dict().items())
    assert len(losses) == 25
    assert np.mean(losses[-5:]) < 0.8 * np.mean(losses[:5])


def test_draws_do_not_depend_on_what_was_drawn_before(images):
    np.random.seed(1)
    views, labels = draw_batch(images, 7, SETTINGS)
    np.random.seed(2)
    after = np.random.get_state()[1].copy()
    for one, other in zip(draw_batch(images, 7, SETTINGS), (views, labels), strict=True):
        assert torch.equal(one, other)
    assert np.array_equal(np.random.get_state()[1], after)
    assert not torch.equal(draw_batch(images, 8, SETTINGS)[0], views)
    assert not torch.equal(draw_batch(images, 7, replace(SETTINGS, seed=6))[0], views)
    assert views.shape == (8, 3, 48, 80)
    assert labels.shape == (8, 48, 80)


def test_every_image_comes_once_in_each_pass(images):
    class Counting:
        num_superpixels = images.num_superpixels
        read = []

        def __len__(self):
            return len(images)

        def __getitem__(self, index):
            self.read.append(index)
            return images[index]

    counting = Counting()
    for step in range(6):  # 24 of 12 images
        draw_batch(counting, step, SETTINGS)
    first, second = counting.read[:12], counting.read[12:]
    assert sorted(first) == sorted(second) == list(range(12))
    assert first != second


def test_the_rate_rises_and_falls():
    settings = TrainingSettings(iterations=400, learning_rate=0.01)
    rates = [settings.rate_at(step) for step in range(400)]
    assert rates[0] == pytest.approx(0.01 / WARM_UP)
    assert max(rates) == pytest.approx(0.01, rel=0.02)
    assert rates.index(max(rates)) == WARM_UP - 1
    assert rates[200] == pytest.approx(0.005)
    assert 0 < rates[-1] < 1e-5


@pytest.mark.parametrize(
    'wrong',
    [
        {'iterations': 0},
        {'batch_size': 0},
        {'learning_rate': 0},
        {'learning_rate': float('nan')},
        {'learning_rate': float('inf')},
    ],
)
def test_impossible_settings_are_refused(wrong):
    with pytest.raises(ValueError, match='at least one iteration, a batch of one image and a lear'):
        TrainingSettings(**wrong)


@pytest.mark.parametrize('seed', [-1, 2**32, 10**20])
def test_a_seed_that_nothing_can_take_is_refused(seed):
    with pytest.raises(InputError, match=f'seed {seed} is not from 0 to 4294967295'):
        TrainingSettings(seed=seed)


def test_a_training_that_breaks_apart_ends(images):
    with pytest.raises(InputError, match='the loss of step [0-9]+ is nan: lower the learning rate'):
        trained(images, replace(SETTINGS, learning_rate=1e38))
