"""A world that is whole at the start of each fault."""

import pytest

import stslidr.plugin  # noqa: F401
from support.faulty_world import FaultyWorld


@pytest.fixture(scope='session')
def made_world(tmp_path_factory):
    return FaultyWorld(tmp_path_factory.mktemp('faults'))


@pytest.fixture
def world(made_world):
    made_world.mend()
    return made_world
