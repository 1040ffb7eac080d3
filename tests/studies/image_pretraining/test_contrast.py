"""The loss of two views against loops over superpixels, and what it is on equal views."""

from __future__ import annotations

import math

import pytest
import torch

from stslidr_studies.image_pretraining.contrast import SuperpixelContrast

SIZE = (32, 48)


@pytest.fixture
def model():
    return SuperpixelContrast(0.1, seed=3)


def grid(rows, columns):
    """Superpixels in rows x columns rectangles."""
    down = torch.arange(SIZE[0]) * rows // SIZE[0]
    return down[:, None] * columns + torch.arange(SIZE[1]) * columns // SIZE[1]


def cosine(one, other):
    return torch.nn.functional.cosine_similarity(one, other, dim=0)


def test_loss_is_what_loops_over_superpixels_give(model):
    """Two images, superpixel by superpixel; one is hidden in a view, and so has no anchor."""
    views = torch.randn(4, 3, *SIZE)
    labels = torch.stack([grid(2, 3), grid(2, 3).flip(1), grid(1, 2), grid(1, 2)])
    labels[0][labels[0] == 5] = 4
    model.eval().requires_grad_(False)  # the loop projects each superpixel by itself
    anchors = []
    maps = model.network(views)
    cells = labels[:, ::8, ::8]
    for image, superpixels in ((0, range(5)), (1, range(2))):
        for superpixel in superpixels:
            anchors.append(
                [
                    model.projection(maps[view][:, cells[view] == superpixel].mean(dim=1)[None])[0]
                    for view in (2 * image, 2 * image + 1)
                ]
            )
    losses = []
    for one, other in ((0, 1), (1, 0)):
        for anchor in anchors:
            logits = [math.exp(cosine(anchor[one], a[other]) / 0.1) for a in anchors]
            losses.append(
                -math.log(math.exp(cosine(anchor[one], anchor[other]) / 0.1) / sum(logits))
            )
    result = model(views, labels, 7)
    assert result.loss.item() == pytest.approx(sum(losses) / len(losses), rel=1e-4)


def test_equal_views_match(model):
    view = torch.randn(1, 3, *SIZE)
    result = model.eval()(view.repeat(2, 1, 1, 1), grid(2, 3).repeat(2, 1, 1), 6)
    assert result.matched == 1


def test_gradients_reach_every_parameter(model):
    model.train()
    model(torch.randn(4, 3, *SIZE), grid(2, 3).repeat(4, 1, 1), 6).loss.backward()
    for name, parameter in model.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.abs().sum() > 0, name


def test_the_start_follows_from_the_seed_and_nothing_else():
    before = torch.get_rng_state()
    one, again, other = (SuperpixelContrast(0.1, seed).state_dict() for seed in (3, 3, 4))
    assert torch.equal(torch.get_rng_state(), before)
    assert all(torch.equal(value, again[name]) for name, value in one.items())
    assert not torch.equal(one['network.conv1.weight'], other['network.conv1.weight'])
    assert not torch.equal(one['projection.0.weight'], other['projection.0.weight'])


def test_a_temperature_of_zero_is_refused():
    with pytest.raises(ValueError, match='temperature must be above 0'):
        SuperpixelContrast(0, 0)
