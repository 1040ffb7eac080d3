"""A study whose last cell could not start does not start at all."""

import pytest

from stslidr.errors import UserError
from stslidr_studies.study.cells import enumerate_cells
from stslidr_studies.study.config_checks import check_configs
from stslidr_studies.study.study_file import read_study
from support.commands import ROOT

SHIPPED = sorted(path.name for path in (ROOT / 'studies').glob('*.yaml'))


@pytest.mark.parametrize(
    'old, new, said',
    [
        ('width=4', 'witdh=4', r'random seed 0 one: .*model.*witdh'),
        ("type='Metric'", "type='Metrik'", r'random seed 0 one: .*test_evaluator.*Metrik'),
        ('lr=0.1', 'learn=0.1', r'random seed 0 one: .*optim_wrapper.optimizer.*learn'),
        ('max_epochs=3', 'max_epochs=0', r'random seed 0 one: train_cfg.max_epochs is 0'),
        ("test_cfg = dict(type='TestingLoop')", '', r'random seed 0 one: .* but no test_cfg'),
        ("'fake_parts'", "'fake_parts', 'no_such_module'", r'random seed 0 one.*no_such_module'),
    ],
)
def test_a_config_of_a_late_cell_that_cannot_run(checkout, run_study, old, new, said):
    checkout.change('configs/scratch.py', old, new)
    with pytest.raises(UserError, match=said):
        run_study()
    assert not checkout.out.exists(), 'nothing has run'


@pytest.mark.parametrize('name', SHIPPED)
def test_the_shipped_studies_pass(monkeypatch, name):
    monkeypatch.chdir(ROOT)
    study = read_study(ROOT / 'studies' / name)
    check_configs(cell for cell in enumerate_cells(study) if cell.seed == study.seeds[0])
