"""Camera images with their superpixels, read when they are needed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor

from stslidr.dataset_records.registry import image_folders
from stslidr.files.images import read_image
from stslidr.files.superpixel_maps import SuperpixelMaps
from stslidr.preparation.camera_images import CameraImage, find_images


class SuperpixelImages:
    """The images of an info file and their superpixel maps, in the file's order.

    Attributes:
        images: what the info file lists.
        num_superpixels: ids an image may use.
    """

    def __init__(self, infos: str | Path, root: str | Path, superpixels: str | Path) -> None:
        """Read the list and the manifest.

        Args:
            infos: info file, as `tools/create_data.py` writes it.
            root: folder of the data set.
            superpixels: folder of `tools/create_superpixels.py`.

        Raises:
            MissingFileError: if the info file or the superpixel folder is not there.
            InputError: if one of them is damaged or unfinished.
        """
        self.images: Sequence[CameraImage] = find_images(infos, root, {}, image_folders())
        self._maps = SuperpixelMaps(superpixels)
        self.num_superpixels = self._maps.manifest.highest_id + 1

    def __len__(self) -> int:
        """Number of images."""
        return len(self.images)

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        """One image, uint8 RGB (3, H, W), and its superpixel ids, int64 (H, W).

        Raises:
            MissingFileError: if the image or its map is not there.
            InputError: if one is damaged, or their sizes differ; names the file.
        """
        image = self.images[index]
        pixels = read_image(image.path, image.size)
        height, width = pixels.shape[:2]
        labels = self._maps.load(image.token, (height, width), self.num_superpixels)
        return torch.from_numpy(pixels).permute(2, 0, 1), torch.from_numpy(labels).long()
