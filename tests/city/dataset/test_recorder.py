"""The city's recorder: the same bytes from every process, and nothing heavy until it is used."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
from fake_dataset import contents

from stslidr_city.appearance.materials import MaterialLibrary
from stslidr_city.dataset.keyframe_writing import MakeKeyframe
from stslidr_city.dataset.layout import KeyframeKey
from stslidr_city.dataset.parameters import Parameters
from stslidr_city.dataset.recorder import CityRecorder
from stslidr_city.recording import keyframe
from stslidr_city.solids.shapes import Polyhedron
from stslidr_city.solids.solids import Part
from support.surfaces import surface_of

PROJECT = Path(__file__).parents[3] / 'projects' / 'STSLidR'
PARAMETERS = Parameters(scenes=2, keyframes=2, seed=5, image_size=(64, 36), diagnostics=True)
RECORDER = CityRecorder(5, 2, (64, 36))
KEY = KeyframeKey(1, 1)
UP = (0, 0, 1)
MAKE = """
from pathlib import Path
from stslidr_city.dataset.keyframe_writing import MakeKeyframe
from stslidr_city.dataset.layout import KeyframeKey
from stslidr_city.dataset.parameters import Parameters
from stslidr_city.dataset.recorder import CityRecorder
make = MakeKeyframe(Path({root!r}), {parameters!r}, CityRecorder(5, 2, (64, 36)))
for key in {keys!r}:
    make(KeyframeKey(*key))
"""


def in_new_process(code, **variables):
    """What a fresh interpreter prints."""
    return subprocess.run(
        [sys.executable, '-c', code],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        env={**os.environ, 'PYTHONPATH': str(PROJECT), **variables},
    ).stdout


def test_another_process_writes_the_same_bytes(tmp_path):
    """One that has made a keyframe of another scene before."""
    code = MAKE.format(root=str(tmp_path / 'there'), parameters=PARAMETERS, keys=[(0, 1), (1, 1)])
    in_new_process(code, PYTHONHASHSEED='1')
    MakeKeyframe(tmp_path / 'here', PARAMETERS, RECORDER)(KEY)
    here, there = contents(tmp_path / 'here'), contents(tmp_path / 'there')
    assert len(here) == 2 + 6 * 3 + 1 and len(there) == 2 * len(here)
    assert here.items() <= there.items()


def test_a_keyframe_is_that_of_a_world_a_rig_and_a_library_of_the_seed(monkeypatch):
    given = []
    monkeypatch.setattr(keyframe, 'render_keyframe', lambda *arguments: given.append(arguments))
    RECORDER.record(KEY)
    RECORDER.record(KeyframeKey(1, 0))
    (world, index, rig, library), (same_world, next_index, _, same_library) = given
    assert (world.seed, world.scene, index, next_index) == (5, 1, 1, 0)
    assert rig.image_size == (64, 36) and isinstance(library, MaterialLibrary)
    assert same_world is world and same_library is library, 'made once a process'
    part = surface_of([Part(Polyhedron.box((0, 0, 0), (1, 1, 1)), 'cloth')], 0, [[1, 2, 3]], UP)
    footprint = np.float32([0.001])
    expected = MaterialLibrary(5).albedo(part, footprint)
    assert np.array_equal(library.albedo(part, footprint), expected)


def test_other_seeds_and_scenes_make_other_drives():
    worlds = [
        CityRecorder(seed, 2, (64, 36)).world(scene) for seed, scene in ((5, 0), (5, 1), (6, 1))
    ]
    drives = {tuple(world.ego.pose_at(0.05).ravel().round(3)) for world in worlds}
    assert len(drives) == 3
    again = CityRecorder(5, 2, (64, 36)).world(0)
    assert np.array_equal(again.ego.pose_at(0.3), worlds[0].ego.pose_at(0.3))


def test_a_recorder_goes_to_the_worker_processes():
    assert pickle.loads(pickle.dumps(RECORDER)) == RECORDER


def test_the_scene_at_hand_is_kept_and_only_that():
    first = RECORDER.world(0)
    assert RECORDER.world(0) is first
    assert CityRecorder(5, 2, (128, 72)).world(0) is first  # whatever the images' size
    RECORDER.world(1)
    assert RECORDER.world(0) is not first
    assert first.description == RECORDER.world(0).description


def test_what_takes_seconds_to_load_is_loaded_by_the_first_keyframe():
    """The tool says what it will do before that."""
    code = (
        'import sys; import stslidr_city.dataset.recorder; import stslidr_city.dataset.folder; '
        'print([name for name in sys.modules if name == "torch" or name.startswith(('
        '"stslidr_city.planning", "stslidr_city.appearance", "stslidr_city.raycasting"))])'
    )
    assert in_new_process(code).strip() == '[]'
