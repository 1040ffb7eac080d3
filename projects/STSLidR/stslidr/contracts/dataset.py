"""What a data set of pretraining must give: samples before, within and behind their pipeline."""

from __future__ import annotations

from typing import Any, Protocol, TypedDict

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from stslidr.core.pairing import PointPixelPairs
from stslidr.core.seeding import SampleKey
from stslidr.core.voxels import VoxelIndex


class CameraSample(TypedDict):
    """One camera of a keyframe."""

    name: str
    path: str
    """Of the image file."""
    cam2img: NDArray[np.float64]
    """float64 (3, 3), pixels."""
    lidar2cam: NDArray[np.float64]
    """float64 (4, 4), metres."""
    size: tuple[int, int] | None
    """(height, width) that the image must have; None where it is not known."""
    token: str | None
    """Names the image's superpixel map; None where there is none."""


class ListedKeyframe(TypedDict):
    """What a data set lists of a sample."""

    data_root: str
    token: str | int | None
    lidar_path: str
    """Of the sweep's file."""
    num_points: int | None
    """Rows that the file must have; None where they are not known."""
    num_pts_feats: int | None
    """Columns that the file must have; None where they are not known."""
    cameras: list[CameraSample]


class KeyframeSample(ListedKeyframe):
    """A sample before its pipeline."""

    sample_idx: int | str
    """Its position; mmengine's datasets add it."""


class KeyframeResults(KeyframeSample, total=False):
    """A sample within its pipeline: what the transforms add, each when it has run."""

    points: Any
    """`LiDARPoints` of N points: x, y, z in metres, then the features."""
    images: list[Tensor]
    """One (3, H, W) per camera: uint8 as loaded, float32 once resized; RGB, 0 to 255."""
    image_sizes: NDArray[np.int64]
    """int64 (C, 2), the images' (height, width)."""
    superpixels: list[Tensor]
    """One int32 label map (H, W) per camera, ids from 0."""
    num_superpixels: int
    """Slots per image; every id lies below it."""
    pairs: PointPixelPairs
    voxel_index: VoxelIndex


class StatedSweep(TypedDict, total=False):
    """What the info file says of a sweep, in MMDetection3D's own keys."""

    lidar_path: str
    num_pts_feats: int
    """Columns of the file."""
    num_points: int
    """Rows of the file."""


class LabelledResults(TypedDict, total=False):
    """A labelled sweep within its pipeline; the first keys are there before it."""

    sample_idx: int | str
    lidar_points: StatedSweep
    num_stored_points: int
    """Points of the file, where `CheckSweepFile` has looked at it."""
    pts_semantic_mask_path: str
    """Of the label file; absent where no labels are needed."""
    label_format: str
    """Name of the `LabelFormat` of that file."""
    eval_ann_info: dict[str, NDArray[np.int64]]
    """Where labels for scores go; absent where none are asked for."""
    points: Any
    """`LiDARPoints` of N points: x, y, z in metres, then the features; or an array."""
    pts_semantic_mask: NDArray[np.int64]
    """int64 (N,), the class of each point."""
    voxel_index: VoxelIndex


class PackedInputs(TypedDict):
    """The ``inputs`` of a packed sample: V voxels with F features, C images, P pairs."""

    voxels: Tensor
    """float32 (V, F), the features of each voxel's first point."""
    coors: Tensor
    """int32 (V, 3), the voxel's cell."""
    images: Tensor
    """float32 (C, 3, H, W), RGB, 0 to 255."""
    superpixels: Tensor | None
    """int32 (C, H, W); None where none were loaded."""
    pair_voxels: Tensor
    """int64 (P,), row of ``voxels``."""
    pair_images: Tensor
    """int64 (P,), row of ``images``."""
    pair_pixels: Tensor
    """int64 (P, 2), (row, column) in that image."""
    num_superpixels: int
    """Slots per image, 0 where no superpixels were loaded."""
    seed: int
    """For random draws inside the step."""


class PackedSample(TypedDict):
    """A sample behind its pipeline; the preprocessor joins them to a `PairedBatch`."""

    inputs: PackedInputs


class PretrainingDataset(Protocol):
    """Packed samples by position."""

    @property
    def metainfo(self) -> dict[str, Any]:
        """What a checkpoint says of the data: ``voxel_grid``, from `VoxelGrid.describe`."""

    def __len__(self) -> int:
        """Number of samples."""

    def __getitem__(self, key: int | SampleKey) -> PackedSample:
        """Load one sample; its random draws follow from the key alone, see `seeded`.

        Args:
            key: position, with epoch and seed from `SeededSampler`; a plain one means 0 and 0.
        """
