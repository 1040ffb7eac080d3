"""Fill a superpixel folder: which maps this run makes, which are there, when all are."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from types import MappingProxyType

from stslidr.contracts.superpixels import SuperpixelGenerator
from stslidr.errors import InputError, MissingFileError
from stslidr.files.access import make_folder
from stslidr.files.images import image_size, read_image
from stslidr.files.label_png import LabelSummary, read_labels, summarise_labels
from stslidr.files.superpixel_manifest import MANIFEST, SuperpixelManifest
from stslidr.files.superpixel_maps import map_names, map_path, write_map
from stslidr.preparation.camera_images import CameraImage
from stslidr.tooling.processes import run_parallel
from stslidr.tooling.progress import show_progress

ADOPTED = SuperpixelManifest('adopted', {}, 'unknown', 'unknown')
"""The manifest's first fields for maps that were made elsewhere."""


def create_maps(
    images: Sequence[CameraImage],
    folder: str | Path,
    generator: SuperpixelGenerator,
    shard: tuple[int, int],
    workers: int,
) -> SuperpixelManifest | None:
    """Make the maps of a shard that are not there yet; complete the manifest with the last map.

    What is in the folder at the end depends on nothing but images and generator: not on how often
    runs were interrupted, nor on shards or workers. Runs of different shards may go on at the
    same time.

    Args:
        images: all images, of all shards.
        folder: is made if it is not there.
        generator: makes the labels.
        shard: (i, n): the images i, i + n, i + 2 n, ... are made.
        workers: number of processes.

    Returns:
        The manifest, or None if other shards are not ready yet.

    Raises:
        InputError: if the folder holds maps made otherwise, or an image cannot be processed.
        MissingFileError: if images are not there, or maps lie in the folder without a manifest.
    """
    folder = Path(folder)
    manifest = SuperpixelManifest(
        generator.name, generator.parameters, generator.library, generator.library_version
    )
    all_maps = {map_path(folder, image.token).name for image in images}
    own = images[shard[0] :: shard[1]]
    _start_folder(folder, manifest)
    _remove_partial_maps(folder, own)
    present = map_names(folder)
    pending = [image for image in own if map_path(folder, image.token).name not in present]
    _check_present([image.path for image in pending], 'images', 'check --root and --data-prefix')
    results = run_parallel(partial(_make_map, generator, folder), pending, workers)
    for _ in show_progress(results, len(own), len(own) - len(pending), generator.name):
        pass
    _remove_partial_maps(folder, own)
    if not map_names(folder) >= all_maps:
        return None
    manifest.check_same_making(SuperpixelManifest.read(folder), folder)
    return _complete_manifest(folder, manifest)


def adopt_maps(
    images: Sequence[CameraImage], folder: str | Path, workers: int
) -> SuperpixelManifest:
    """Check maps that were made elsewhere, pixel by pixel, and write a manifest for them.

    Args:
        images: the images whose maps must be there.
        folder: where the maps are; all maps in it are counted in the manifest.
        workers: number of processes.

    Raises:
        MissingFileError: if maps are missing.
        InputError: if a map cannot be read or has not the size of its image, or the folder's maps
            are not made elsewhere.
    """
    folder = Path(folder)
    maps = [map_path(folder, image.token) for image in images]
    _check_present(maps, 'superpixel maps', 'they are named after the sample_data_token')
    if (folder / MANIFEST).exists():
        ADOPTED.check_same_making(SuperpixelManifest.read(folder), folder)
    results = run_parallel(partial(_check_map, folder), images, workers)
    checked = dict(show_progress(results, len(images), 0, ADOPTED.method))
    return _complete_manifest(folder, ADOPTED, checked)


def _start_folder(folder: Path, manifest: SuperpixelManifest) -> None:
    """Make the folder with its manifest, or check that the one that is there is the same.

    Raises:
        InputError: if the folder's maps were made otherwise.
        MissingFileError: if it holds maps without a manifest.
        FileAccessError: if it cannot be made or written to.
    """
    make_folder('superpixel folder', folder)
    # In this order: another shard that starts just now writes its manifest before its first map.
    if map_names(folder) or (folder / MANIFEST).exists():
        manifest.check_same_making(SuperpixelManifest.read(folder), folder)
    else:
        manifest.write(folder)


def _remove_partial_maps(folder: Path, images: Iterable[CameraImage]) -> None:
    """Remove what killed runs left of the maps of these images, and of no others.

    Another image's map may be being written by another shard.
    """
    partial_maps = {f'.{image.token}.png.partial' for image in images}
    for name in partial_maps.intersection(os.listdir(folder)):
        (folder / name).unlink(missing_ok=True)


def _check_present(paths: Sequence[Path], what: str, hint: str) -> None:
    """Raise MissingFileError if files are missing; counts them and names the first."""
    missing = [path for path in paths if not path.is_file()]
    if missing:
        raise MissingFileError(
            f'{len(missing)} of {len(paths)} {what} do not exist, the first is {missing[0]}: {hint}'
        )


def _make_map(generator: SuperpixelGenerator, folder: Path, image: CameraImage) -> None:
    """Make one map, in a worker process.

    Raises:
        MissingFileError: if the image is not there.
        InputError: the generator fails, or gives no label map; names the image.
        FileAccessError: the map cannot be written.
    """
    pixels = read_image(image.path, image.size)
    failed = f'superpixels ({generator.name}) of image {image.path} failed'
    try:
        labels = generator(pixels, image.path)
    except Exception as error:  # a generator may raise anything
        raise InputError(f'{failed}: {error!r}') from error
    if labels.shape != pixels.shape[:2]:
        raise InputError(f'{failed}: labels {labels.shape} for an image {pixels.shape[:2]}')
    try:
        write_map(map_path(folder, image.token), labels)
    except InputError as error:  # what is no label map
        raise InputError(f'{failed}: {error}') from error


def _check_map(folder: Path, image: CameraImage) -> tuple[str, LabelSummary]:
    """File name and summary of one map, from its pixels, in a worker process.

    Raises:
        InputError: if it cannot be read or has not the size of its image; names it.
    """
    path = map_path(folder, image.token)
    labels = read_labels(path)
    expected = image.size or image_size(image.path)
    if labels.shape != expected:
        raise InputError(
            f'superpixel map {path} is {labels.shape[0]} x {labels.shape[1]} (height x width) '
            f'where image {image.path} is {expected[0]} x {expected[1]}'
        )
    return path.name, LabelSummary(expected, int(labels.max()))


def _complete_manifest(
    folder: Path,
    manifest: SuperpixelManifest,
    known: Mapping[str, LabelSummary] = MappingProxyType({}),
) -> SuperpixelManifest:
    """Write the manifest with its totals over all maps in the folder.

    It is written again if maps have come meanwhile: whoever writes last has counted all.

    Args:
        folder: where the maps are.
        manifest: its first fields.
        known: summaries by file name, of maps that need not be read again.
    """
    summaries = dict(known)
    while True:
        names = map_names(folder)
        summaries |= {name: summarise_labels(folder / name) for name in names - summaries.keys()}
        manifest = manifest.describing({name: summaries[name] for name in names})
        manifest.write(folder)
        if map_names(folder) == names:
            return manifest
