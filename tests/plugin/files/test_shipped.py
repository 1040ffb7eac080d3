"""A config is found by its path, or by its name among those shipped."""

from pathlib import Path

import pytest

from stslidr.files import shipped
from stslidr.files.shipped import CHECKOUT, find_shipped, shipped_root


def test_a_checkout_ships_its_own():
    assert shipped_root() == CHECKOUT == Path(__file__).resolve().parents[3]
    assert {'configs', 'studies', 'tools'} <= {path.name for path in CHECKOUT.iterdir()}


def test_what_is_installed_comes_first(tmp_path, monkeypatch):
    monkeypatch.setattr(shipped, 'INSTALLED', tmp_path)
    assert shipped_root() == tmp_path


@pytest.mark.parametrize('name', ['configs/demo_slidr.py', 'demo_slidr.py', 'demo_slidr'])
def test_by_name(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    assert find_shipped('configs', name, '.py') == CHECKOUT / 'configs/demo_slidr.py'
    assert find_shipped('studies', 'demo', '.yaml') == CHECKOUT / 'studies/demo.yaml'
    inner = '_base_/default_runtime'
    assert find_shipped('configs', inner, '.py') == CHECKOUT / f'configs/{inner}.py'


def test_a_file_of_the_users_wins(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path('configs').mkdir()
    Path('configs/demo_slidr.py').touch()
    Path('demo_slidr').mkdir()
    assert find_shipped('configs', 'configs/demo_slidr.py', '.py') == Path('configs/demo_slidr.py')
    assert find_shipped('configs', 'demo_slidr', '.py').is_absolute(), 'a folder is no config'


@pytest.mark.parametrize('name', ['demo_sldr', '/configs/demo_slidr.py', '../configs/demo_slidr'])
def test_what_is_not_there_stays_as_it_was_given(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    assert find_shipped('configs', name, '.py') == Path(name)
