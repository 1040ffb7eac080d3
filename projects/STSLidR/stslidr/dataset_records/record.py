"""A labelled data set as one record: all that this project's code knows of it.

Readers, data sets, metrics, predictions and tools look records up by the name that info files
state (:mod:`stslidr.dataset_records.registry`). A further data set is a module of the user's that
writes one record and registers it; docs/extending.md has an example.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from numbers import Integral
from pathlib import Path, PurePath
from typing import Any

from stslidr.corruptions.corrupt import KINDS
from stslidr.corruptions.profiles import Profile
from stslidr.dataset_records.submission import PredictedSet, PredictedSweep, no_further_files
from stslidr.errors import InputError
from stslidr.files.folder_patterns import camera_folder, version_folder
from stslidr.files.info_entries import InfoEntry
from stslidr.files.infos import info_file_name
from stslidr.files.label_split_file import label_split_file_name
from stslidr.files.point_labels import LabelFormat
from stslidr.preparation.label_splits import SplitRule
from stslidr.text import shorten

Colour = tuple[int, int, int]
"""R, G, B from 0 to 255."""
Prepare = Callable[[Path, Path, argparse.Namespace], Iterable[str]]
"""(root, folder of the info files, options of the command line) -> what was done, line by line."""


@dataclass(frozen=True)
class Folders:
    """Where the files lie that an info file names, relative to the data set's root; '' is the root.

    Args:
        sweeps: of the LiDAR's files.
        labels: of label files; ``{version}`` is the version that the info file states.
        images: of camera images; ``{camera}`` is the name of the camera.
    """

    sweeps: str = ''
    labels: str = ''
    images: str = ''

    def labels_of(self, version: object, infos: str | Path) -> str:
        """The folder of label files of the version that an info file states.

        Raises:
            InputError: the folder depends on the version, and the file states none.
        """
        return version_folder(self.labels, version, f'{infos}: label files lie')

    def images_of(self, camera: str) -> str:
        """The folder of a camera's images."""
        return camera_folder(self.images, camera)


def stated_scene(sample: InfoEntry) -> str | None:
    """The scene that a sample's entry states under ``scene_name``, None if it states none."""
    return sample.optional_text('scene_name')


def no_options(parser: argparse.ArgumentParser) -> None:
    """Add no options of the data set's own to its sub-command of tools/create_data.py."""


@dataclass(frozen=True, eq=False)
class DatasetRecord:
    """What there is to know of a labelled data set.

    Args:
        name: what info files state as ``dataset`` and their names begin with, and the sub-command
            of tools/create_data.py; letters, digits and ``_``.
        labels: how labels are read and mapped to classes, how predictions are written.
        classes: names of the K classes, in the order in which they are counted from 0.
        palette: their colours.
        num_pts_feats: float32 columns of a sweep's file: x, y, z in metres, intensity, and others.
        info_kinds: splits that have an info file, ``<name>_infos_<split>.pkl``, each; a root may
            bring more. Those called ``train``, or ``..._train``, get label splits.
        split_rule: how label splits are taken.
        prepare: writes the info files; `write_info_files` does most of it.
        submission_path: where the predictions for a sweep lie in a submission, relative to its
            folder.
        submission_files: JSON files that go with a submission, by their path in it.
        folders: where files lie.
        sweep_ending: what a sweep's name ends with.
        scene_of: a sample's entry -> the scene or sequence that it is of, by which scores are
            counted apart; None where it does not say.
        profile: of the LiDAR, for corruptions; None: there are none for this data set.
        add_options: adds options of the data set's own to the sub-command.
        help: of the sub-command.

    Raises:
        InputError: if one of them contradicts another; says which.
    """

    name: str
    labels: LabelFormat
    classes: tuple[str, ...]
    palette: tuple[Colour, ...]
    num_pts_feats: int
    info_kinds: tuple[str, ...]
    split_rule: SplitRule
    prepare: Prepare
    submission_path: Callable[[PredictedSweep], PurePath]
    submission_files: Callable[[PredictedSet], Mapping[str, Any]] = no_further_files
    folders: Folders = Folders()
    sweep_ending: str = '.bin'
    scene_of: Callable[[InfoEntry], str | None] = stated_scene
    profile: Profile | None = None
    add_options: Callable[[argparse.ArgumentParser], None] = no_options
    help: str = 'write its info files and label splits'

    def __post_init__(self) -> None:
        """Check that its parts agree."""
        for wrong in (self._wrong_name(), self._wrong_classes(), self._wrong_files()):
            if wrong:
                raise InputError(f'data set {self.name!r}: {wrong}')

    @property
    def label_split_file(self) -> str:
        """Name of the file of label splits, beside the info files."""
        return label_split_file_name(self.name)

    def info_file(self, split: str) -> str:
        """Name of the info file of a split."""
        return info_file_name(self.name, split)

    def _wrong_name(self) -> str:
        if not re.fullmatch(r'[A-Za-z]\w*', self.name, re.ASCII):
            return 'its name is to be letters, digits and _, with a letter first'
        kinds = self.info_kinds
        if not kinds or len(set(kinds)) < len(kinds) or not all(map(_fits_a_file_name, kinds)):
            return f'info_kinds {kinds} are not different names that can be parts of file names'
        return ''

    def _wrong_classes(self) -> str:
        number = len(self.classes)
        if number < 1 or len(set(self.classes)) < number:
            return f'classes are not different names: {shorten(self.classes, number)}'
        if self.labels.ignored != number:
            return (
                f'{number} classes, but label format {self.labels.name!r} has {self.labels.ignored}'
            )
        if len(self.palette) != number:
            return f'{number} classes, but {len(self.palette)} colours'
        unfit = [colour for colour in self.palette if not _is_colour(colour)]
        if unfit:
            return f'{unfit[0]} is no colour, three whole numbers from 0 to 255'
        if self.profile is None:
            return ''
        if self.profile.ignored != number:
            return f'profile ignores class {self.profile.ignored}, the labels {number}'
        missing = [kind for kind in KINDS if kind not in self.profile.levels]
        return f'profile lacks the levels of {", ".join(missing)}' if missing else ''

    def _wrong_files(self) -> str:
        if self.num_pts_feats < 4:
            return f'num_pts_feats {self.num_pts_feats} is below 4, of x, y, z and intensity'
        if not self.sweep_ending or self.sweep_ending.endswith(self.labels.ending):
            return (
                f'sweeps end with {self.sweep_ending!r}, prediction files with '
                f'{self.labels.ending!r}: the two cannot be told apart'
            )
        return ''


def _fits_a_file_name(text: str) -> bool:
    return re.fullmatch(r'\w[\w.-]*', text) is not None


def _is_colour(colour: Colour) -> bool:
    return len(colour) == 3 and all(isinstance(c, Integral) and 0 <= c <= 255 for c in colour)
