"""tools/describe_code.py: numbers of a small tree, counted by hand."""

import subprocess
import sys
import textwrap

import pytest

from support.tools import TOOLS

FILES = {
    'projects/STSLidR/__init__.py': '"""The project."""\n',
    'projects/STSLidR/stslidr/__init__.py': '"""The plugin."""\n',
    'projects/STSLidR/stslidr/core/__init__.py': '"""Core."""\n',
    'projects/STSLidR/stslidr/core/one.py': '''
        """One."""

        import os
        from stslidr.files import two
        from stslidr.files.two import read


        def documented(a: int, b, *rest: int, **more) -> int:
            """Says."""
            return a


        class Bare:
            def method(self, c: int):
                return c

            def _private(self):
                return 0
        ''',
    'projects/STSLidR/stslidr/files/__init__.py': '"""Files."""\n',
    'projects/STSLidR/stslidr/files/two.py': '''
        """Two."""


        def read(path):
            """Read."""
            return path
        ''',
    'projects/STSLidR/stslidr_city/__init__.py': '"""The city."""\n',
    'projects/STSLidR/stslidr_city/street.py': '"""Street."""\n\nimport stslidr.core.one\n',
    'tests/plugin/test_one.py': 'assert 1\n' * 14,
    'tests/city/test_street.py': 'assert 1\n',
}


@pytest.fixture
def root(tmp_path):
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text).lstrip('\n'))
    return tmp_path


def run(*options):
    command = [sys.executable, TOOLS / 'describe_code.py', *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=120)


def rows(root):
    printed = run('--root', root).stdout
    cells = [line.strip('|').split('|') for line in printed.splitlines() if line.startswith('|')]
    return {row[0].strip(): [cell.strip() for cell in row[1:]] for row in cells}, printed


def test_what_is_counted(root):
    found, printed = rows(root)
    assert found[''] == ['stslidr', 'stslidr_city']
    assert found['files'] == ['5', '2'] and found['lines'] == ['27', '4']
    assert found['median / longest file'] == ['1 / 18', '2 / 3']
    assert found['median / longest function'] == ['2 / 3', '0 / 0']
    # documented: five modules, `documented`, `read`; not `Bare` and `Bare.method`
    assert found['public docstrings'] == ['77.8 %', '100.0 %']
    # annotated: a, rest, c; not b, more, path
    assert found['annotated arguments'] == ['50.0 %', '-']
    assert found['tests : code'] == ['0.52', '0.25']
    assert found['imports between rooms'] == ['1', '1'] and found['circles'] == ['none', 'none']
    assert 'all tests : all code 0.48' in printed


def test_a_circle_of_rooms_is_named(root):
    path = root / 'projects/STSLidR/stslidr/files/two.py'
    path.write_text(path.read_text() + '\n\nfrom stslidr.core.one import documented\n')
    assert rows(root)[0]['circles'][0].count('stslidr.core') >= 1


def test_another_folder_is_a_users_mistake(tmp_path):
    done = run('--root', tmp_path)
    assert done.returncode == 1 and done.stderr.startswith('error: ')
    assert 'holds no package' in done.stderr and done.stderr.count('\n') == 1


def test_this_checkout_has_no_circle():
    assert '| circles | none | none | none |' in run().stdout
