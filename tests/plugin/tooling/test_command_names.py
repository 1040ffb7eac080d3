"""Messages name the command that their reader has."""

import pytest

from stslidr.files import shipped
from stslidr.tooling import command_names
from stslidr.tooling.command_names import as_called, as_installed


@pytest.mark.parametrize(
    'text, installed',
    [
        ('write it with tools/create_data.py', 'write it with stslidr-create-data'),
        ('python tools/test.py A && tools/train.py B', 'stslidr-test A && stslidr-train B'),
        ('tools/dist_train.sh A 2', 'tools/dist_train.sh A 2'),
        ('mytools.py', 'mytools.py'),
    ],
)
def test_a_script_of_a_checkout_is_a_command_where_it_is_installed(monkeypatch, text, installed):
    assert as_installed(text) == installed
    assert as_called(text) == text
    monkeypatch.setattr(command_names, 'shipped_root', lambda: shipped.INSTALLED)
    assert as_called(text) == installed
