"""The recording vehicle's sensors: six cameras and a 32-beam LiDAR, placed and timed as nuScenes'.

Positions, headings, focal lengths and beam angles are nuScenes' nominal ones, rounded. The ego
frame has x forward, y left, z up, its origin on the ground under the rear axle; camera frames
have x right, y down, z forward; the LiDAR frame x right, y forward, z up. Metres, radians, seconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import overload

import numpy as np

LIDAR = 'LIDAR_TOP'
LIDAR_POSITION = (0.94, 0.0, 1.84)
LIDAR_HEADING = -np.pi / 2  # of its x axis, which points to the right
BEAM_ELEVATIONS = np.radians(-92.0 / 3.0 + 4.0 / 3.0 * np.arange(32))
"""float64 (32,): radians above the LiDAR's horizon by ring, -30.67 to 10.67 degrees."""
COLUMNS = 1084
"""Firings of all beams in one revolution."""
REVOLUTION_SECONDS = 0.05
FIRST_AZIMUTH = np.radians(98.0)
"""Heading in the ego frame at which a revolution begins; the beams turn clockwise."""
NOMINAL_WIDTH, NOMINAL_HEIGHT = 1600, 900
CAMERA_AXES = np.array([[0.0, 0.0, 1.0], [-1.0, 0.0, 0.0], [0.0, -1.0, 0.0]])
"""Columns: a camera's x, y and z axis in the frame of a vehicle that looks the same way."""


@dataclass(frozen=True)
class CameraMount:
    """One camera at nuScenes' image size, 1600 x 900.

    Args:
        position: in the ego frame, metres.
        heading: of the optical axis in the ego frame, degrees, anticlockwise from forward.
        focal_length: pixels.
        principal_point: (u, v), pixels.
    """

    position: tuple[float, float, float]
    heading: float
    focal_length: float
    principal_point: tuple[float, float]


CAMERAS = {
    'CAM_FRONT': CameraMount((1.70, 0.02, 1.51), 0.0, 1266.0, (816.0, 491.0)),
    'CAM_FRONT_RIGHT': CameraMount((1.55, -0.49, 1.50), -56.0, 1261.0, (808.0, 495.0)),
    'CAM_FRONT_LEFT': CameraMount((1.52, 0.49, 1.51), 55.0, 1273.0, (827.0, 480.0)),
    'CAM_BACK': CameraMount((0.03, 0.0, 1.58), 180.0, 809.0, (829.0, 482.0)),
    'CAM_BACK_LEFT': CameraMount((1.04, 0.48, 1.59), 109.0, 1257.0, (792.0, 493.0)),
    'CAM_BACK_RIGHT': CameraMount((1.01, -0.48, 1.56), -110.0, 1260.0, (807.0, 501.0)),
}
CHANNELS = (LIDAR, *CAMERAS)


class Rig:
    """The sensors for one image size.

    Another width scales the nominal pixels, which stay square; another aspect ratio than 16:9
    crops or extends the image above and below.
    """

    def __init__(self, image_size: tuple[int, int]) -> None:
        """Place the sensors.

        Args:
            image_size: (width, height) of all cameras, pixels.
        """
        self.image_size = image_size
        self.sensor2ego = {LIDAR: _placed(LIDAR_POSITION, _rotation_about_z(LIDAR_HEADING))}
        for channel, mount in CAMERAS.items():
            facing = _rotation_about_z(np.radians(mount.heading))
            self.sensor2ego[channel] = _placed(mount.position, facing @ CAMERA_AXES)
        self.cam2img = {
            channel: _intrinsics(mount, image_size) for channel, mount in CAMERAS.items()
        }


def column_azimuths() -> np.ndarray:
    """float64 (COLUMNS,): azimuth of each firing in the LiDAR frame, anticlockwise from its x."""
    turned = (np.arange(COLUMNS) + 0.5) / COLUMNS * 2 * np.pi
    return FIRST_AZIMUTH - LIDAR_HEADING - turned


def column_delays() -> np.ndarray:
    """float64 (COLUMNS,): seconds from the sweep's time, its end, to each firing; all negative."""
    return ((np.arange(COLUMNS) + 0.5) / COLUMNS - 1.0) * REVOLUTION_SECONDS


@overload
def passing_delay(heading: float) -> float: ...
@overload
def passing_delay(heading: np.ndarray) -> np.ndarray: ...
def passing_delay(heading: float | np.ndarray) -> float | np.ndarray:
    """Seconds from the sweep's end, -0.05 to 0, to when the beams passed a heading.

    Args:
        heading: in the ego frame, radians, anticlockwise from forward.
    """
    turned = np.mod(FIRST_AZIMUTH - heading, 2 * np.pi) / (2 * np.pi)
    return (turned - 1.0) * REVOLUTION_SECONDS


def trigger_delay(channel: str) -> float:
    """Seconds from the sweep's end to a sensor's time stamp.

    As in nuScenes a camera takes its picture when the beams pass the middle of its view.
    """
    return 0.0 if channel == LIDAR else passing_delay(np.radians(CAMERAS[channel].heading))


def _intrinsics(mount: CameraMount, image_size: tuple[int, int]) -> np.ndarray:
    """cam2img (3, 3) of a camera at another image size; pixel centres are at integers."""
    width, height = image_size
    scale = width / NOMINAL_WIDTH
    column, row = ((value + 0.5) * scale - 0.5 for value in mount.principal_point)
    row += (height - NOMINAL_HEIGHT * scale) / 2
    focal_length = mount.focal_length * scale
    return np.array([[focal_length, 0.0, column], [0.0, focal_length, row], [0.0, 0.0, 1.0]])


def _rotation_about_z(angle: float) -> np.ndarray:
    """Rotation (3, 3) by an angle in radians, anticlockwise."""
    cosine, sine = np.cos(angle), np.sin(angle)
    return np.array([[cosine, -sine, 0.0], [sine, cosine, 0.0], [0.0, 0.0, 1.0]])


def _placed(position: tuple[float, float, float], rotation: np.ndarray) -> np.ndarray:
    """Rigid transform (4, 4) from a rotation (3, 3) and a position (3,)."""
    transform = np.eye(4)
    transform[:3, :3] = rotation
    transform[:3, 3] = position
    return transform
