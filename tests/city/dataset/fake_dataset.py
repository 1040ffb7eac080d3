"""Data sets of made-up keyframes."""

from __future__ import annotations

import hashlib
from unittest import mock

from fake_recorder import FakeRecorder

from stslidr_city.dataset.folder import open_root
from stslidr_city.dataset.parameters import Parameters

PARAMETERS = Parameters(scenes=3, keyframes=4, seed=7, image_size=(64, 36), diagnostics=True)


def make(root, parameters=PARAMETERS, workers=0, **recorder):
    """Make a data set; return what the run planned.

    With 0 workers it is made in this process and not forced onto the disk, for speed.
    """
    recorder = FakeRecorder(parameters.seed, parameters.image_size, **recorder)
    with open_root(root, parameters) as folder:
        plan = folder.plan()
        if workers:
            folder.make(plan, recorder, workers)
        else:
            with (
                mock.patch('stslidr_city.dataset.folder.run_parallel', _in_this_process),
                mock.patch('os.fsync'),
            ):
                folder.make(plan, recorder, workers)
    return plan


def _in_this_process(task, items, workers):
    """What `run_parallel` does, without its seconds for starting processes."""
    yield from map(task, items)


def contents(root):
    """Path under the root -> hash, of every file."""
    return {
        str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in root.rglob('*')
        if path.is_file()
    }
