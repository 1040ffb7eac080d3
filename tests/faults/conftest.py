"""A world that is whole at the start of each fault."""

import pytest

import stslidr.plugin  # noqa: F401
from support.faulty_world import FaultyWorld, StudyWorld


@pytest.fixture(scope='session')
def made_world(tmp_path_factory):
    return FaultyWorld(tmp_path_factory.mktemp('faults'))


@pytest.fixture
def world(made_world):
    made_world.mend()
    return made_world


@pytest.fixture(scope='session')
def made_study(tmp_path_factory):
    return StudyWorld(tmp_path_factory.mktemp('study_faults'))


@pytest.fixture
def study_world(made_study):
    made_study.mend()
    return made_study
