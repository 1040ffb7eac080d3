"""Views carry superpixels along; each change of colour does what it says."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy.ndimage import gaussian_filter1d

from stslidr_studies.image_pretraining.settings import ViewSettings
from stslidr_studies.image_pretraining.views import change_colours, draw_geometry, normalize

STILL = ViewSettings(brightness=0, contrast=0, saturation=0, hue=0, grey=0, blur=0)


def test_labels_follow_the_pixels():
    """Each superpixel is painted in a colour of its own: where a view shows it, it is labelled."""
    labels = torch.arange(6).repeat_interleave(15).repeat(60, 1)
    labels = labels + 6 * torch.arange(4).repeat_interleave(15)[:, None]
    image = (labels * 10).to(torch.uint8).expand(3, -1, -1)
    seen, mirrored = set(), 0
    for _ in range(40):
        view, carried = draw_geometry(image, labels, replace(STILL, size=(48, 80)))
        assert view.shape == (3, 48, 80)
        assert carried.shape == (48, 80)
        agree = (view[0] * 25.5 - carried).abs() < 0.05  # but between two superpixels, bilinear
        assert agree.float().mean() > 0.6
        seen |= set(carried.unique().tolist())
        mirrored += bool((carried[0].diff() < 0).any())
    assert seen == set(range(24))
    assert 8 < mirrored < 32


def test_nothing_changes_without_strength():
    views = torch.rand(3, 3, 8, 9)
    torch.testing.assert_close(change_colours(views, STILL), views, atol=1e-5, rtol=0)


def test_brightness_scales_and_each_view_has_its_own_factor():
    views = torch.full((50, 3, 4, 4), 0.5)
    factors = change_colours(views, replace(STILL, brightness=0.4)).mean(dim=(1, 2, 3)) / 0.5
    assert 0.6 <= factors.min() < 0.7
    assert 1.3 < factors.max() <= 1.4


def test_grey_views_have_no_colour():
    views = change_colours(torch.rand(4, 3, 8, 9), replace(STILL, grey=1))
    torch.testing.assert_close(views[:, :1].expand(-1, 3, -1, -1), views)


def test_contrast_and_saturation_keep_means():
    views = 0.4 + 0.2 * torch.rand(6, 3, 8, 9)
    luma = torch.tensor([0.299, 0.587, 0.114])
    contrast = change_colours(views, replace(STILL, contrast=0.4))
    before, after = (torch.einsum('ichw,c->ihw', x, luma) for x in (views, contrast))
    torch.testing.assert_close(before.mean(dim=(1, 2)), after.mean(dim=(1, 2)))
    assert (before.std(dim=(1, 2)) - after.std(dim=(1, 2))).abs().min() > 1e-5
    saturated = change_colours(views, replace(STILL, saturation=0.4))
    torch.testing.assert_close(torch.einsum('ichw,c->ihw', saturated, luma), before)


def test_hue_turns_about_the_grey_axis():
    """Greys stay; a third of a turn would carry red to green, so distances from grey stay."""
    grey = torch.full((5, 3, 2, 2), 0.3)
    settings = replace(STILL, hue=math.pi)
    torch.testing.assert_close(change_colours(grey, settings), grey)
    views = 0.5 + 0.05 * torch.randn(5, 3, 2, 2)
    turned = change_colours(views, settings)
    luma = torch.tensor([0.299, 0.587, 0.114])
    lengths = [
        (x - torch.einsum('ichw,c->ihw', views, luma)[:, None]).norm(dim=1) for x in (views, turned)
    ]
    torch.testing.assert_close(*lengths)
    assert (turned - views).abs().max() > 0.02


@pytest.mark.parametrize('sigma', [0.5, 1.2])
def test_blur_is_gaussian(sigma):
    views = torch.rand(2, 3, 12, 15)
    blurred = change_colours(views, replace(STILL, blur=1, blur_sigma=(sigma, sigma)))
    expected = views.numpy()
    for axis in (2, 3):
        expected = gaussian_filter1d(expected, sigma, axis=axis, mode='nearest', radius=3)
    np.testing.assert_allclose(blurred.numpy(), expected, atol=1e-5)


def test_results_stay_colours():
    views = change_colours(torch.rand(20, 3, 6, 6), ViewSettings(brightness=0.9, contrast=0.9))
    assert views.min() >= 0
    assert views.max() <= 1


def test_normalize_is_imagenets():
    image = torch.tensor([0.485, 0.456 + 0.224, 0.406 - 0.225])[None, :, None, None]
    torch.testing.assert_close(normalize(image).flatten(), torch.tensor([0.0, 1, -1]))
