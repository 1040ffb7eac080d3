"""A notebook's drawing backend stops no tool whose environment does not have it."""

import os
import subprocess
import sys

import pytest

from stslidr.matplotlib_backend import forget_missing_backend

NOTEBOOK = 'module://a_notebook.backend_inline'


@pytest.mark.parametrize('backend', [NOTEBOOK, 'module://', 'module://json.nothing'])
def test_a_backend_that_is_not_installed_is_forgotten(monkeypatch, backend):
    monkeypatch.setenv('MPLBACKEND', backend)
    forget_missing_backend()
    assert 'MPLBACKEND' not in os.environ


@pytest.mark.parametrize('backend', ['svg', '', 'module://matplotlib.backends.backend_agg'])
def test_one_that_is_there_stays(monkeypatch, backend):
    monkeypatch.setenv('MPLBACKEND', backend)
    forget_missing_backend()
    assert os.environ['MPLBACKEND'] == backend


def test_nothing_is_set_where_nothing_was(monkeypatch):
    monkeypatch.delenv('MPLBACKEND', raising=False)
    forget_missing_backend()
    assert 'MPLBACKEND' not in os.environ


def test_mmdet3d_is_imported_behind_a_notebook():
    code = 'import stslidr, matplotlib.pyplot as plt; print(plt.figure().number)'
    environment = {**os.environ, 'MPLBACKEND': NOTEBOOK}
    done = subprocess.run(
        [sys.executable, '-c', code], env=environment, capture_output=True, text=True
    )
    assert done.stdout == '1\n', done.stderr
