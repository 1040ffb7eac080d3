"""A root while it is made: which keyframes are to make, and the run that makes them."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
from array import array
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from stslidr.errors import FileAccessError, InputError
from stslidr.files.synthetic_manifest import MANIFEST, VERSION, SyntheticManifest
from stslidr.tooling.processes import run_parallel
from stslidr.tooling.progress import show_progress
from stslidr_city.dataset import disk_space
from stslidr_city.dataset import keyframe_rows as rows
from stslidr_city.dataset.keyframe_writing import MakeKeyframe, Recorder
from stslidr_city.dataset.layout import KeyframeKey
from stslidr_city.dataset.parameters import Parameters
from stslidr_city.dataset.version_folder import incomplete_keyframes, write_version_folder

START_OVER = 'choose another --root, or delete this one'


class PendingKeyframes(Sequence[KeyframeKey]):
    """Keyframes to make, in eight bytes each."""

    def __init__(self, keyframes: int, numbers: Iterator[int]) -> None:
        """Keep the numbers: scene * keyframes + index, where a scene has `keyframes`."""
        self._keyframes = keyframes
        self._numbers = array('q', numbers)

    def __len__(self) -> int:
        """How many there are to make."""
        return len(self._numbers)

    def __getitem__(self, position: int) -> KeyframeKey:  # type: ignore[override]  # no slices
        """The keyframe at a position, in the order of scenes and of time."""
        return KeyframeKey(*divmod(self._numbers[position], self._keyframes))


@dataclass(frozen=True)
class Plan:
    """What a run will do.

    Args:
        pending: keyframes to make.
        has_tables: whether the version folder is there: then files of the pending ones have gone.
        needed: bytes that they take, about.
        free: bytes that can be written under the root.
    """

    pending: PendingKeyframes
    has_tables: bool
    needed: int
    free: int


@contextmanager
def open_root(root: str | Path, parameters: Parameters) -> Iterator[DatasetRoot]:
    """Open a root, new or begun with the same parameters, for this process alone.

    Raises:
        FileAccessError: if the root is a file, cannot be written, or another process is making it.
        InputError: if it holds something else, or was begun with other parameters.
    """
    if not str(root):
        raise InputError('--root is empty: name a folder')
    root = Path(root)
    try:
        if root.exists() and not root.is_dir():
            raise FileAccessError(f'{root} is a file, and --root names a folder')
        root.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(root, os.O_RDONLY)
    except OSError as error:
        raise FileAccessError(
            f'{root} cannot be made or opened: {error}; choose another --root'
        ) from error
    try:
        if not os.access(root, os.R_OK | os.W_OK | os.X_OK):
            raise FileAccessError(f'{root} cannot be written: choose another --root')
        _lock(descriptor, root)
        manifest = SyntheticManifest(parameters.as_json())
        _check_contents(root, manifest)
        yield DatasetRoot(root, parameters, manifest)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)  # which also gives up the lock


class DatasetRoot:
    """A root that this process alone may write to."""

    def __init__(self, path: Path, parameters: Parameters, manifest: SyntheticManifest) -> None:
        self.path = path
        self.parameters = parameters
        self.manifest = manifest

    def plan(self) -> Plan:
        """See what is there and what is to make.

        A keyframe is there if its rows are, and the files that it names have their sizes.

        Raises:
            MissingFileError: if the version folder lacks a table; says what to do.
            InputError: if the version folder is damaged; says what to do.
        """
        has_tables = (self.path / VERSION).is_dir()
        keyframes = self.parameters.keyframes
        numbers: Iterator[int]
        if has_tables:
            numbers = (
                key.scene * keyframes + key.index
                for key in incomplete_keyframes(self.path, self.parameters)
            )
        else:
            numbers = self._numbers_without_record()
        pending = PendingKeyframes(keyframes, numbers)
        needed = len(pending) * disk_space.keyframe_bytes(self.parameters)
        if not has_tables:
            needed += disk_space.table_bytes(self.parameters)
        return Plan(pending, has_tables, needed, disk_space.free_bytes(self.path))

    def make(self, plan: Plan, recorder: Recorder, workers: int) -> None:
        """Make the pending keyframes, then the tables if they are not there yet.

        However a run ends, the next one with the same parameters goes on where it stopped; what
        is in the root at the end depends on the parameters alone.

        Raises:
            FileAccessError: there is not enough room or a file cannot be written; says how to go
                on.
            InputError: if files that had gone come out with other sizes than before.
        """
        if plan.needed > plan.free:
            raise FileAccessError(
                f'about {disk_space.readable(plan.needed)} are needed for {len(plan.pending)} '
                f'keyframes and {disk_space.readable(plan.free)} are free in {self.path}: make '
                f'room, or make fewer or smaller images in another --root'
            )
        try:
            self.manifest.write(self.path)
            self._make_keyframes(plan, recorder, workers)
            if plan.has_tables:
                self._check_remade()
            else:
                write_version_folder(self.path, self.parameters)
            self.remove_records()
        except OSError as error:
            room = 'make room, then ' if error.errno in (errno.ENOSPC, errno.EDQUOT) else ''
            raise FileAccessError(
                f'{error}. What is made so far stays: {room}run the same command again '
                f'to go on where this run stopped'
            ) from error
        except MemoryError as error:
            raise FileAccessError(
                'out of memory: run the same command again with fewer --workers, or make '
                'smaller images in another --root'
            ) from error

    def remove_records(self) -> None:
        """Remove what the tables are made from; a complete root needs none of it."""
        shutil.rmtree(self.path / rows.FOLDER, ignore_errors=True)

    def _numbers_without_record(self) -> Iterator[int]:
        """Numbers of the keyframes that are not there."""
        keyframes = self.parameters.keyframes
        for scene in range(self.parameters.scenes):
            begun = rows.have_rows(self.path, scene)
            for index in range(keyframes):
                if not (begun and self._is_there(KeyframeKey(scene, index))):
                    yield scene * keyframes + index

    def _is_there(self, key: KeyframeKey) -> bool:
        """Whether a keyframe's rows are there, and the files that it names."""
        keyframe_rows = rows.read_rows(self.path, key)
        return keyframe_rows is not None and rows.are_there(self.path, keyframe_rows.files)

    def _make_keyframes(self, plan: Plan, recorder: Recorder, workers: int) -> None:
        """Make the pending keyframes in worker processes, with a progress bar."""
        total = len(plan.pending) if plan.has_tables else self.parameters.num_keyframes
        task = MakeKeyframe(self.path, self.parameters, recorder)
        results = run_parallel(task, plan.pending, workers)
        for _ in show_progress(results, total, total - len(plan.pending), 'keyframes'):
            pass

    def _check_remade(self) -> None:
        """Raise InputError if keyframes still differ from the tables after they were made again."""
        different = next(incomplete_keyframes(self.path, self.parameters), None)
        if different is not None:
            raise InputError(
                f'the files of {different} come out otherwise than when {self.path} was made, '
                f'perhaps by another version of Pillow: {START_OVER}'
            )


def _lock(descriptor: int, root: Path) -> None:
    """Lock an open folder until it is closed, even by SIGKILL."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise FileAccessError(f'another process is making {root}: wait for its end') from None
    except OSError as error:
        raise FileAccessError(
            f'{root} cannot be locked ({error}): choose another --root'
        ) from error


def _check_contents(root: Path, manifest: SyntheticManifest) -> None:
    """Raise InputError unless a root is empty or was begun with this manifest."""
    begun = SyntheticManifest.read(root)
    if begun is None:
        foreign = [name for name in sorted(os.listdir(root)) if name != f'.{MANIFEST}.partial']
        if foreign:
            raise InputError(
                f'{root} holds {", ".join(foreign[:3])}{", ..." if len(foreign) > 3 else ""} and '
                f'no {MANIFEST}: choose a new or an empty folder as --root'
            )
    elif differences := manifest.differences(begun):
        raise InputError(f'{root} was made with {", ".join(differences)}: {START_OVER}')
