"""The camera images that an info file lists."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from stslidr.errors import InputError
from stslidr.files.folder_patterns import camera_folder, find_file
from stslidr.files.info_entries import InfoEntry, camera_entries, sample_entries
from stslidr.files.infos import read_infos
from stslidr.files.stated_folders import stated_folders
from stslidr.preparation.nuscenes_layout import IMAGE_FOLDER


@dataclass(frozen=True)
class CameraImage:
    """One image of an info file."""

    token: str
    """Its sample_data_token."""
    path: Path
    size: tuple[int, int] | None
    """(height, width) where the info file states it."""

    def __str__(self) -> str:
        """The image file."""
        return str(self.path)


def find_images(
    infos: str | Path,
    root: str | Path,
    data_prefix: Mapping[str, str],
    image_folders: Mapping[str, str] = MappingProxyType({}),
) -> list[CameraImage]:
    """List the camera images of an info file, each once, in the file's order.

    Args:
        infos: the info file.
        root: folder of the data set.
        data_prefix: camera name -> folder under `root` that its images lie in. Images of a camera
            without entry lie at their path under `root` if there is such a file, else in the
            folder that the info file states, else in that of `image_folders`.
        image_folders: name of a data set, as info files state it -> folder under `root` of its
            images, where ``{camera}`` is the camera's name. Without entry: as in nuScenes.

    Raises:
        MissingFileError: if there is no such info file.
        InputError: if the info file lacks what is needed or contradicts itself, or a camera of
            `data_prefix` is not in it; names the info file.
    """
    content = read_infos(infos)
    folder = image_folders.get(str(content['metainfo'].get('dataset')), IMAGE_FOLDER)
    stated = stated_folders(infos, content['metainfo'])
    images: dict[str, CameraImage] = {}
    cameras: set[str] = set()
    for sample in sample_entries(infos, content['data_list']):
        for camera, entry in camera_entries(sample).items():
            cameras.add(camera)
            usual = stated.get(camera, camera_folder(folder, camera))
            image = _camera_image(camera, entry, Path(root), data_prefix, usual)
            if images.setdefault(image.token, image) != image:
                raise InputError(
                    f'{infos}: sample_data_token {image.token} is given to both '
                    f'{images[image.token]} and {image}'
                )
    if unknown := sorted(data_prefix.keys() - cameras):
        raise InputError(
            f'--data-prefix {unknown[0]}: {infos} has no such camera, but {sorted(cameras)}'
        )
    if not images:
        raise InputError(f'{infos} has no camera images')
    return list(images.values())


def _camera_image(
    camera: str, entry: InfoEntry, root: Path, data_prefix: Mapping[str, str], folder: str
) -> CameraImage:
    """The image of one camera's entry; see `find_images` for the folder it lies in."""
    name = entry.path('img_path')
    if camera in data_prefix:
        path = root / data_prefix[camera] / name
    else:
        path = find_file(root, name, folder)
    return CameraImage(entry.text('sample_data_token'), path, entry.image_size())
