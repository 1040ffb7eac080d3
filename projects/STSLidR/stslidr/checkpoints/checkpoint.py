"""A checkpoint file as a value: its weights, what it says of itself, and whether it fits."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple, cast

import torch
from torch import Tensor, nn

from stslidr.core.voxels import VoxelGrid
from stslidr.errors import FileAccessError, InputError, MissingFileError
from stslidr.files.checksums import check_checksums
from stslidr.files.hashing import hash_file
from stslidr.text import shorten

ZIP_START = b'PK'
"""How files of torch 1.6 and later begin; older ones cannot be mapped."""


WRAPPER = 'module.'


class LabelSplitUsed(NamedTuple):
    """The label split that a model was trained on."""

    name: str
    sha256: str | None
    """Of its names, see `hash_names`."""


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """What one file holds. It is read once; whoever needs something of it asks this value.

    Args:
        path: the file.
        content: its dict: ``state_dict``, ``meta`` and so on, or the weights themselves.
    """

    path: Path
    content: Mapping[str, Any]

    @classmethod
    def read(cls, path: str | Path) -> Checkpoint:
        """Read a file; its tensors are mapped, so that only those that are used take memory.

        Nothing in it runs: it is unpickled with ``weights_only=True``.

        Raises:
            MissingFileError: there is no such file.
            FileAccessError: it may not be read.
            InputError: the file is damaged, which its checksums tell too; it holds more than plain
                data, or no dict.
        """
        path = Path(path)
        if path.is_dir():
            raise InputError(f'{path} is a folder, no checkpoint')
        if not path.is_file():
            raise MissingFileError(f'{path}: no such checkpoint')
        try:
            check_checksums(path)
            content = torch.load(
                path, map_location='cpu', weights_only=True, mmap=_is_zip(path) or None
            )
        except InputError:
            raise
        except PermissionError as error:
            raise FileAccessError(f'{path} cannot be read: {error.strerror}') from error
        except Exception as error:  # torch fails in many ways for what it did not write
            first_line = (str(error).strip() or type(error).__name__).splitlines()[0]
            raise InputError(
                f'{path}: truncated, no checkpoint, or one that holds more than plain data, which '
                f'is not loaded since it could run code ({first_line})'
            ) from error
        if not isinstance(content, Mapping):
            raise InputError(f'{path} holds a {type(content).__name__}, no checkpoint')
        return cls(path, content)

    @cached_property
    def weights(self) -> Mapping[str, Tensor]:
        """Tensors by name: the ``state_dict``, or all that a file of weights alone holds.

        The ``module.`` that a parallel wrapper puts before every name is left out.

        Raises:
            InputError: there is no such mapping.
        """
        weights = self.content.get('state_dict', self.content)
        if not isinstance(weights, Mapping):
            raise InputError(f'{self.path}: state_dict is a {type(weights).__name__}, no weights')
        if odd := [name for name in weights if not isinstance(name, str)]:
            raise InputError(f'{self.path}: state_dict has the name {odd[0]!r}, which is no text')
        if weights and all(name.startswith(WRAPPER) for name in weights):
            return {name.removeprefix(WRAPPER): value for name, value in weights.items()}
        return weights

    @property
    def meta(self) -> Mapping[str, Any]:
        """What mmengine's runner says of the run; {} for weights alone.

        Raises:
            InputError: it is no dict.
        """
        return self._dict('meta', self.content.get('meta'))

    @property
    def training_data(self) -> Mapping[str, Any]:
        """The ``metainfo`` of the data set that it was trained on; {} if it does not say.

        Raises:
            InputError: it is no dict.
        """
        return self._dict('meta.dataset_meta', self.meta.get('dataset_meta'))

    def _dict(self, key: str, value: Any) -> Mapping[str, Any]:
        if value is not None and not isinstance(value, Mapping):
            raise InputError(f'{self.path}: {key} is a {type(value).__name__}, no dict')
        return value or {}

    @property
    def voxel_grid(self) -> VoxelGrid | None:
        """The voxels that it was trained on; None if it does not say.

        Raises:
            InputError: what it says is no grid.
        """
        described = self.training_data.get('voxel_grid')
        if described is None:
            return None
        try:
            return VoxelGrid(**described)
        except (TypeError, ValueError) as error:
            raise InputError(
                f'{self.path}: meta.dataset_meta.voxel_grid is no grid: {error}'
            ) from error

    @property
    def classes(self) -> list[str] | None:
        """The names of the classes that it was trained on, in order; None if it does not say.

        Raises:
            InputError: what it says are no names.
        """
        names = self.training_data.get('classes')
        if names is None:
            return None
        if not isinstance(names, list | tuple) or not all(isinstance(name, str) for name in names):
            raise InputError(f'{self.path}: meta.dataset_meta.classes are no names of classes')
        return list(names)

    @property
    def label_split(self) -> LabelSplitUsed | None:
        """The label split that it was trained on; None if it does not say."""
        name = self.training_data.get('label_split')
        if name is None:
            return None
        return LabelSplitUsed(name, self.training_data.get('label_split_sha256'))

    @cached_property
    def sha256(self) -> str:
        """Of the file, which is read for it once."""
        return hash_file(self.path)

    def copy_content(self) -> dict[str, Any]:
        """A copy for those who change what they load, as mmengine's hooks do; it shares tensors.

        The config's text in ``meta`` is left out: mmengine runs it when a run is resumed.
        """
        if 'state_dict' not in self.content:
            return cast('dict[str, Any]', copy.copy(self.content))  # with a state dict's metadata
        copied = {
            # a state dict has metadata, which `copy` keeps
            key: copy.copy(value) if key == 'state_dict' else _copy_containers(value)
            for key, value in self.content.items()
        }
        if isinstance(meta := copied.get('meta'), dict):
            meta.pop('config', None)
        return copied

    def check_voxels(self, grids: Iterable[VoxelGrid | None]) -> None:
        """Refuse other voxels than those that the weights were trained on.

        Args:
            grids: of the pipelines that the weights are to be used in. None is unknown and passes,
                as does a checkpoint that does not say.

        Raises:
            InputError: one differs; names both.
        """
        for grid in grids:
            if grid is not None and self.voxel_grid not in (None, grid):
                raise InputError(
                    f'{self.path} was trained on {self.voxel_grid} voxels, this config has {grid} '
                    'ones: set VoxelizeSweep in all its pipelines to the former'
                )

    def check_classes(self, classes: Iterable[str]) -> None:
        """Refuse other classes, or another order, than those that the weights were trained on.

        Args:
            classes: of the data set that is to be labelled. How a name is spelt (capitals, spaces,
                ``_`` and ``-``) makes no difference. A checkpoint that does not say passes.

        Raises:
            InputError: one differs; names the first.
        """
        theirs, ours = self.classes, list(classes)
        if theirs is None or [_spelt(name) for name in theirs] == [_spelt(name) for name in ours]:
            return
        first = next(
            (
                f'class {index} is {one!r} in it and {other!r} here'
                for index, (one, other) in enumerate(zip(theirs, ours, strict=False))
                if _spelt(one) != _spelt(other)
            ),
            f'{len(theirs)} classes in it, {len(ours)} here',
        )
        raise InputError(
            f'{self.path} was trained on other classes than the data set of the config has: {first}'
        )

    def load_into(self, model: nn.Module) -> None:
        """Give ``model`` all its weights; those that it does not have are left out.

        Raises:
            InputError: as :meth:`check_weights`.
        """
        self.check_weights(model)
        model.load_state_dict(self.weights, strict=False)

    def check_weights(self, model: nn.Module) -> None:
        """Refuse to take the weights for all of ``model`` where it lacks one.

        mmengine loads what fits and only warns, so a score could be that of an untrained network.

        Raises:
            InputError: a tensor of the model is missing or of another shape, or holds NaN or
                infinity; names the first.
        """
        own = model.state_dict()
        fitting = self.fitting(own)
        wrong = [name for name in own if name not in fitting]
        if wrong:
            raise InputError(
                f'{self.path} does not fit the model of the config: {len(wrong)} tensors are '
                f'missing or of another shape, as {shorten(wrong)}'
            )
        self.check_finite(fitting)

    def fitting(self, state: Mapping[str, Tensor]) -> list[str]:
        """The names in a model's `state` under which the file has a tensor of that shape."""
        return [
            name
            for name, value in state.items()
            if isinstance(found := self.weights.get(name), Tensor) and found.shape == value.shape
        ]

    def check_finite(self, names: Iterable[str]) -> None:
        """Refuse weights that a broken training left behind.

        Raises:
            InputError: a tensor of these names holds NaN or infinity; says how many do.
        """
        if broken := not_finite(self.weights, names):
            raise InputError(
                f'{self.path}: {len(broken)} tensors hold NaN or infinity, as {shorten(broken)}: '
                'the training that wrote it had broken down; take an earlier checkpoint'
            )


def not_finite(weights: Mapping[str, Tensor], names: Iterable[str]) -> list[str]:
    """Those of the names whose tensor holds NaN or infinity."""
    return [name for name in names if not torch.isfinite(weights[name]).all()]


def _spelt(name: str) -> str:
    return ''.join(letter for letter in name.lower() if letter.isalnum())


def _is_zip(path: Path) -> bool:
    with path.open('rb') as file:
        return file.read(len(ZIP_START)) == ZIP_START


def _copy_containers(value: Any) -> Any:
    """Copy dicts and lists at any depth, and nothing that they hold."""
    if isinstance(value, Mapping):
        return {key: _copy_containers(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_copy_containers(item) for item in value]
    return value
