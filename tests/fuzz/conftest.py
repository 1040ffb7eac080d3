"""A world whose files are changed at random."""

import pytest

import stslidr.plugin  # noqa: F401
from support.faulty_world import FaultyWorld, StudyWorld


@pytest.fixture(scope='session')
def data_world(tmp_path_factory):
    return FaultyWorld(tmp_path_factory.mktemp('fuzz'))


@pytest.fixture(scope='session')
def study_world(tmp_path_factory):
    return StudyWorld(tmp_path_factory.mktemp('fuzz_study'))
