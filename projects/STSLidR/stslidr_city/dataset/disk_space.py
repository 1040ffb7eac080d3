"""How much room a data set takes, and whether there is as much."""

from __future__ import annotations

import shutil
from pathlib import Path

from stslidr_city.dataset.parameters import Parameters
from stslidr_city.recording.rig import BEAM_ELEVATIONS, CAMERAS, COLUMNS

JPEG_BYTES_A_PIXEL = 0.35
DIAGNOSTICS_BYTES_A_PIXEL = 0.8
"""Of the two maps together; small images take most."""
POINT_BYTES = 5 * 4 + 1
RECORD_BYTES = 50_000
"""Of a keyframe, until the tables are there."""
TABLE_BYTES = 70_000
"""Of a keyframe in the tables."""
MAP_BYTES = 200_000
"""Of a scene's map."""
BLOCK_BYTES = 4_096
"""A file takes whole blocks."""


def keyframe_bytes(parameters: Parameters) -> int:
    """Bytes that a keyframe takes, rather more than less."""
    width, height = parameters.image_size
    files = len(CAMERAS) * (3 if parameters.diagnostics else 1) + 3
    pixel_bytes = JPEG_BYTES_A_PIXEL + parameters.diagnostics * DIAGNOSTICS_BYTES_A_PIXEL
    images = int(len(CAMERAS) * width * height * pixel_bytes)
    return (
        images + len(BEAM_ELEVATIONS) * COLUMNS * POINT_BYTES + RECORD_BYTES + files * BLOCK_BYTES
    )


def table_bytes(parameters: Parameters) -> int:
    """Bytes that all tables and maps take, rather more than less."""
    return parameters.num_keyframes * TABLE_BYTES + parameters.scenes * MAP_BYTES


def free_bytes(root: Path) -> int:
    """Bytes that this user may still write where an existing folder is."""
    return shutil.disk_usage(root).free


def readable(size: int) -> str:
    """A number of bytes in MB, GB or TB."""
    if size < 1e9:
        return f'{size / 1e6:.0f} MB'
    return f'{size / 1e9:.1f} GB' if size < 1e12 else f'{size / 1e12:.1f} TB'
