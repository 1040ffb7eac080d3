"""A module that a user names fails in one line; a fault of ours keeps its traceback."""

import sys

import pytest

from stslidr.errors import InputError, MissingFileError, UserError
from stslidr.tooling.user_modules import import_user_module


@pytest.fixture
def write(tmp_path, monkeypatch):
    """Write modules on the path, which are forgotten afterwards."""
    monkeypatch.syspath_prepend(tmp_path)
    before = set(sys.modules)

    def write(name, text):
        (tmp_path / f'{name}.py').write_text(text)

    yield write
    for name in set(sys.modules) - before:
        sys.modules.pop(name)


def test_a_module_is_imported(write):
    write('users_good', 'x = 1')
    assert import_user_module('users_good', '--record users_good').x == 1


@pytest.mark.parametrize(
    ('text', 'says'),
    [
        ('x = (1,', r'users\.py, line 1: SyntaxError: .*never closed$'),
        ('x = 1\ny = x / 0', r'users\.py, line 2: ZeroDivisionError: division by zero$'),
        ('import no_library', r"users\.py, line 1: ModuleNotFoundError: .*'no_library'"),
        ('from math import sqroot', r"users\.py, line 1: ImportError: .*'sqroot'"),
        ('\nraise SystemExit(0)', r'users\.py, line 2: SystemExit: 0$'),
        ('raise ValueError', r'users\.py, line 1: ValueError$'),
        ('raise ValueError("a\\nb")', 'ValueError: a b$'),
        (
            '\nfrom stslidr.dataset_records.registry import find_record\nfind_record("none")',
            r"users\.py, line 3: .*'none'",
        ),
    ],
)
def test_a_module_that_fails_is_named_with_its_line(write, text, says):
    write('users', text)
    with pytest.raises(InputError, match=rf'^--record users cannot be imported: .*{says}'):
        import_user_module('users', '--record users')


def test_text_that_is_no_python_is_refused(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / 'users_binary.py').write_bytes(bytes(range(256)))
    with pytest.raises(InputError, match='here cannot be imported: .*SyntaxError'):
        import_user_module('users_binary', 'here')


@pytest.mark.parametrize(
    'name', ['no_such', 'no_such.module', 'math.module', 'stslidr.plugn', 'a b']
)
def test_a_module_that_is_not_there(name):
    with pytest.raises(MissingFileError, match='here cannot be imported: there is no module'):
        import_user_module(name, 'here')


@pytest.mark.parametrize('name', ['', '.relative', '..', 'os..path'])
def test_what_is_no_name_of_a_module(name):
    with pytest.raises(UserError, match='^here cannot be imported: '):
        import_user_module(name, 'here')


@pytest.mark.parametrize('name', ['stslidr.plugin', 'projects.STSLidR.stslidr.plugin'])
def test_a_fault_in_a_module_of_ours_goes_through(monkeypatch, name):
    def fail(name):
        raise ValueError('too many values to unpack')

    monkeypatch.setattr('importlib.import_module', fail)
    with pytest.raises(ValueError, match='too many') as raised:
        import_user_module(name, 'here')
    assert not isinstance(raised.value, UserError)


def test_a_library_that_a_module_of_ours_lacks_is_a_users_mistake(monkeypatch):
    def fail(name):
        raise ModuleNotFoundError("No module named 'spconv'", name='spconv')

    monkeypatch.setattr('importlib.import_module', fail)
    with pytest.raises(InputError, match="No module named 'spconv'"):
        import_user_module('stslidr.plugin', 'here')
