"""What the tests of the report share."""

from __future__ import annotations

from pathlib import Path

import pytest

import stslidr.plugin  # noqa: F401
from support.tiny_study import TinyStudy, make_tiny_study


@pytest.fixture(scope='session')
def tiny_study(tmp_path_factory: pytest.TempPathFactory) -> TinyStudy:
    """A finished study; read-only."""
    return make_tiny_study(tmp_path_factory.mktemp('study'))


@pytest.fixture(scope='session')
def report_path(tiny_study: TinyStudy, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its report, as the tool writes it."""
    from support.tools import call

    path = tmp_path_factory.mktemp('report') / 'report.html'
    call('draw_report.py', tiny_study.path, '--results', tiny_study.results, '--out', path)
    return path
