"""A pretended checkout, in which the tests of this folder run."""

import os
import shutil

import pytest

from stslidr_studies.study import provenance
from stslidr_studies.study.experiment import Experiment
from support.fake_checkout import FakeCheckout


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A fake checkout, the current folder; nothing is remembered of others."""
    made = FakeCheckout(tmp_path / 'checkout')
    forget()
    monkeypatch.chdir(made.root)
    monkeypatch.syspath_prepend(made.root)
    monkeypatch.setattr(os, 'fsync', lambda descriptor: None)  # slow on a busy disk
    return made


@pytest.fixture(scope='session')
def whole_run(tmp_path_factory):
    """The results folder of the fake study, run once; read-only."""
    made = FakeCheckout(tmp_path_factory.mktemp('whole') / 'checkout')
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(made.root)
        patch.syspath_prepend(made.root)
        forget()
        assert Experiment(made.study, made.out, made.root, processes=4).run() == []
    return made.out


@pytest.fixture
def finished(checkout, whole_run):
    """A checkout whose study has run, somewhere else."""
    shutil.copytree(whole_run, checkout.out)
    return checkout


def forget():
    """Read configs and data anew, as a new process would."""
    provenance._read_config.cache_clear()
    provenance._hash_data.cache_clear()
    provenance._hash_weights.cache_clear()


@pytest.fixture
def run_study(checkout):
    """Run the checkout's study in this process; returns the names of the failed cells."""

    def run(processes=4, **options):
        forget()
        experiment = Experiment(
            checkout.study, checkout.out, checkout.root, processes=processes, **options
        )
        return [cell.name for cell in experiment.run()]

    return run
