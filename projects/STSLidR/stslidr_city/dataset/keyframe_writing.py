"""Make one keyframe: record it, write its files, and note that it is there."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from PIL import Image

from stslidr.files.atomic import write_bytes
from stslidr.files.label_png import encode_labels
from stslidr_city.dataset import layout
from stslidr_city.dataset.keyframe_rows import KeyframeRows, absolute_times
from stslidr_city.dataset.layout import KeyframeKey, Tokens
from stslidr_city.dataset.map_mask import write_map_mask
from stslidr_city.dataset.parameters import Parameters
from stslidr_city.recording.rig import LIDAR

if TYPE_CHECKING:
    from stslidr_city.recording.keyframe import KeyframeData

JPEG_QUALITY = 90
DEPTH_UNITS_A_METRE = 256
"""As in KITTI's depth maps: 16 bits reach 256 m, 0 is no depth."""
DEEPEST = 2**16 - 1


class World(Protocol):
    """What the tables say of a scene."""

    @property
    def description(self) -> str:
        """The scene in words."""

    @property
    def size(self) -> tuple[float, float]:
        """Extent (x, y) from (0, 0) on, metres."""

    def driveable(self, points: np.ndarray) -> np.ndarray:
        """Whether a car may drive at world points: (N, 2) -> bool (N,)."""


class Recorder(Protocol):
    """Makes keyframes; is sent to the worker processes."""

    def world(self, scene: int) -> World:
        """A scene."""

    def record(self, key: KeyframeKey) -> KeyframeData:
        """One of its keyframes."""


@dataclass(frozen=True)
class MakeKeyframe:
    """The task of the worker processes.

    Args:
        root: of the data set.
        parameters: of the data set.
        recorder: makes what is written.
    """

    root: Path
    parameters: Parameters
    recorder: Recorder

    def __call__(self, key: KeyframeKey) -> None:
        """Write the files of a keyframe, with a scene's first its map, and its rows at last.

        Raises:
            FileAccessError: if a file cannot be written; names it.
        """
        tokens = Tokens(self.parameters.seed)
        world = self.recorder.world(key.scene)
        data = self.recorder.record(key)
        files = {}
        for file, content in _contents(tokens, key, data, self.parameters.diagnostics):
            write_bytes(self.root / file, content)
            files[file] = len(content)
        if key.index == 0:
            file = layout.map_file(tokens.map(key.scene))
            write_map_mask(self.root / file, world.size, world.driveable)
            files[file] = (self.root / file).stat().st_size
        rows = KeyframeRows.of(key.scene, world.description, data, files)
        rows.write(self.root, key)


def _contents(
    tokens: Tokens, key: KeyframeKey, data: KeyframeData, diagnostics: bool
) -> Iterator[tuple[str, bytes]]:
    """Path under the root and content of each file of a keyframe, one after the other."""
    times = absolute_times(key.scene, data)
    sweep = np.asarray(data.sweep, dtype='<f4')
    yield layout.sensor_file(key.scene, LIDAR, times[LIDAR]), sweep.tobytes()
    labels = layout.lidarseg_file(tokens.sample_data(key, LIDAR))
    yield labels, np.asarray(data.labels, dtype=np.uint8).tobytes()
    for channel, image in data.images.items():
        yield layout.sensor_file(key.scene, channel, times[channel]), _encode_jpeg(image)
        if diagnostics:
            token = tokens.sample_data(key, channel)
            yield layout.class_map_file(token), encode_labels(data.class_maps[channel])
            yield layout.depth_map_file(token), _encode_depth(data.depth_maps[channel])


def _encode_jpeg(image: np.ndarray) -> bytes:
    """JPEG file of an image, uint8 (H, W, 3) RGB."""
    stream = io.BytesIO()
    Image.fromarray(image).save(stream, format='JPEG', quality=JPEG_QUALITY)
    return stream.getvalue()


def _encode_depth(depth: np.ndarray) -> bytes:
    """PNG file of a depth map, float32 (H, W) in metres; infinite depth becomes 0."""
    units = np.where(np.isfinite(depth), depth * DEPTH_UNITS_A_METRE, 0)
    return encode_labels(np.clip(np.round(units), 0, DEEPEST).astype(np.uint16))
