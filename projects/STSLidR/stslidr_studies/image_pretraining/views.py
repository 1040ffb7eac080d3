"""Random views of an image that carry its superpixels along.

Draws come from `np.random`; seed it with `stslidr.core.seeding.seeded`.
"""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from stslidr.core.augmentation import crop_image, crop_labels, draw_crop_box
from stslidr_studies.image_pretraining.settings import ViewSettings

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)
LUMA = (0.299, 0.587, 0.114)
BLUR_RADIUS = 3


def normalize(images: Tensor) -> Tensor:
    """Bring RGB (I, 3, H, W) from 0..1 to what the image encoders take."""
    mean = images.new_tensor(IMAGENET_MEAN)[:, None, None]
    return (images - mean) / images.new_tensor(IMAGENET_STD)[:, None, None]


def draw_geometry(image: Tensor, labels: Tensor, settings: ViewSettings) -> tuple[Tensor, Tensor]:
    """Crop, resize and mirror an image and its superpixel map together.

    Args:
        image: uint8 RGB (3, H, W).
        labels: int64 (H, W).
        settings: of the crop.

    Returns:
        float32 RGB (3, *size) in 0..1 and int64 (*size).
    """
    height, width = labels.shape
    box = draw_crop_box(height, width, settings.area, settings.ratio)
    view = crop_image(image.float() / 255, box, settings.size)
    labels = crop_labels(labels, box, settings.size)
    if np.random.random() < 0.5:
        view, labels = view.flip(-1), labels.flip(-1)
    return view, labels


def change_colours(views: Tensor, settings: ViewSettings) -> Tensor:
    """Change light and colour of each view, and blur some.

    Args:
        views: float32 RGB (I, 3, H, W) in 0..1.
        settings: how strongly.

    Returns:
        The same shape and range.
    """
    count = len(views)
    luma = views.new_tensor(LUMA)
    views = views * _factors(count, settings.brightness)
    grey = torch.einsum('ichw,c->ihw', views, luma)[:, None]
    mean = grey.mean(dim=(2, 3), keepdim=True)
    views = mean + (views - mean) * _factors(count, settings.contrast)
    grey = torch.einsum('ichw,c->ihw', views, luma)[:, None]
    saturation = _factors(count, settings.saturation)
    saturation[np.random.random(count) < settings.grey] = 0.0
    views = torch.einsum('idc,ichw->idhw', _hue_turns(count, settings.hue), views - grey)
    views = (grey + views * saturation).clamp(0, 1)
    return _blur_some(views, settings)


def _factors(count: int, strength: float) -> Tensor:
    """Draw (count, 1, 1, 1) factors from 1 -+ strength."""
    drawn = np.random.uniform(1 - strength, 1 + strength, count)
    return torch.from_numpy(drawn).float()[:, None, None, None]


def _hue_turns(count: int, angle: float) -> Tensor:
    """Draw rotations about the grey axis, (count, 3, 3)."""
    angles = torch.from_numpy(np.random.uniform(-angle, angle, count)).float()
    axis = torch.full((3, 3), 1 / 3)
    cross = torch.tensor([[0.0, -1, 1], [1, 0, -1], [-1, 1, 0]]) / 3**0.5
    cosine, sine = angles.cos()[:, None, None], angles.sin()[:, None, None]
    return axis + cosine * (torch.eye(3) - axis) + sine * cross


def _blur_some(views: Tensor, settings: ViewSettings) -> Tensor:
    """Blur each view with the settings' probability, by a standard deviation of its own."""
    count = len(views)
    sigma = torch.from_numpy(np.random.uniform(*settings.blur_sigma, count)).float()
    offsets = torch.arange(-BLUR_RADIUS, BLUR_RADIUS + 1.0)
    kernels = torch.exp(-0.5 * (offsets / sigma[:, None]) ** 2)
    kernels[np.random.random(count) >= settings.blur] = (offsets == 0).float()
    kernels = (kernels / kernels.sum(dim=1, keepdim=True)).repeat_interleave(3, dim=0)
    padded = F.pad(views, (BLUR_RADIUS,) * 4, mode='replicate').flatten(0, 1)[None]
    blurred = F.conv2d(padded, kernels[:, None, None, :], groups=3 * count)
    blurred = F.conv2d(blurred, kernels[:, None, :, None], groups=3 * count)
    return blurred[0].unflatten(0, (count, 3))
