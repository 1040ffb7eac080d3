"""What is wrong with a config file is said in one error that names file and line."""

import sys

import pytest

from stslidr.errors import InputError, MissingFileError, UserError
from stslidr.running.config_file import import_modules, parse_options, read_config_file


def write(folder, **files):
    """Write files by their names, `__` for the dot; return the path of the first."""
    for name, text in files.items():
        (folder / name.replace('__', '.')).write_text(text)
    return folder / next(iter(files)).replace('__', '.')


def test_a_config_with_bases_of_every_kind_is_read(tmp_path):
    path = write(
        tmp_path,
        a__py="_base_ = ['b.yaml', 'c.json']\nmodel = dict(type='M')\nx = {{_base_.x}}",
        b__yaml='x: 1',
        c__json='{"y": 2}',
    )
    config = read_config_file(path)
    assert (config.x, config.y, config.model.type) == (1, 2, 'M')
    assert config.filename == str(path)


@pytest.mark.parametrize(
    ('text', 'says'),
    [
        ('x = (1,', r'a\.py, line 1: .*never closed'),
        ('x = 1\n\ny = 1 / 0', r'a\.py, line 3: ZeroDivisionError: division by zero'),
        ('def f():\n    return nothing\nx = f()', r'a\.py, line 2: NameError: .*nothing'),
        ("_base_ = 'absent.py'", r'a\.py: its _base_ .*absent\.py does not exist'),
        ("_base_ = 'b.py'", r'b\.py, line 2: KeyError'),
        ("_base_ = 'c.py'", r'c\.py: its _base_ .*absent\.py does not exist'),
        ("_base_ = ['d.py', 'e.py']", r'a\.py: KeyError: .*Duplicate key'),
        ("open('/absent/file')", r"a\.py, line 1: FileNotFoundError: .*'/absent/file'"),
        ('import sys\nsys.exit(4)', r'a\.py, line 2: SystemExit: 4'),
        ('raise ValueError', r'a\.py, line 1: ValueError$'),
        ("_base_ = 'd.py'\nmodel = dict(y=1)", r'a\.py: TypeError: .*_delete_'),
    ],
)
def test_what_a_python_config_does_wrong_is_named_with_its_line(tmp_path, text, says):
    path = write(
        tmp_path,
        a__py=text,
        b__py="x = {}\ny = x['none']",
        c__py="_base_ = 'absent.py'",
        d__py='model = 3',
        e__py='model = 4',
    )
    with pytest.raises(UserError, match=says) as raised:
        read_config_file(path)
    assert '\n' not in str(raised.value)


@pytest.mark.parametrize(
    ('name', 'text', 'says'),
    [
        ('a.yaml', 'x: [1', 'ParserError'),
        ('a.json', '{"x": ', 'JSONDecodeError'),
        ('a.json', '[1]', 'holds no dict'),
        ('a.yaml', '', 'holds no dict'),
        ('a.txt', 'x: 1', r'ends with \.py'),
        ('a.py', b'\xff\xfe', 'UnicodeDecodeError'),
    ],
)
def test_other_damaged_files_are_named(tmp_path, name, text, says):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(InputError, match=rf'{path}.*{says}'):
        read_config_file(path)


def test_a_missing_file_and_a_folder(tmp_path):
    with pytest.raises(MissingFileError, match=r'absent\.py does not exist'):
        read_config_file(tmp_path / 'absent.py')
    with pytest.raises(InputError, match='is a folder'):
        read_config_file(tmp_path)


def test_nothing_is_imported_in_reading(tmp_path):
    path = write(tmp_path, a__py="custom_imports = dict(imports=['no.such_module'])")
    assert read_config_file(path).custom_imports.imports == ['no.such_module']


def test_a_fault_of_ours_in_a_config_goes_through(tmp_path, monkeypatch):
    import stslidr.text

    def broken(value):
        raise ValueError('too many values to unpack')

    planted = type(broken)(broken.__code__, vars(stslidr.text), 'percent')
    monkeypatch.setattr(stslidr.text, 'percent', planted)
    path = write(tmp_path, a__py="x = __import__('stslidr.text').text.percent(1)")
    with pytest.raises(ValueError, match='too many values') as raised:
        read_config_file(path)
    assert not isinstance(raised.value, UserError)


@pytest.mark.parametrize(
    ('imports', 'says'),
    [
        (3, 'must be dict'),
        ('stslidr.plugin', 'must be dict'),
        (dict(imports=3), 'must be dict'),
        (dict(import_=['os']), 'must be dict'),
        (dict(imports=['no_such.module']), 'no_such.module cannot .* no module no_such;'),
        (dict(imports=['stslidr.plugn']), 'stslidr.plugn cannot be imported'),
        (dict(imports='stslidr.no.plugin'), 'stslidr.no.plugin cannot be imported'),
        (dict(imports=['users_broken']), 'users_broken cannot be imported: .*ValueError: oh'),
        (dict(imports=['users_needy']), "users_needy cannot .*No module named 'not_installed'"),
        (dict(imports=['users_broken'], allow_failed_imports=True), 'ValueError: oh'),
    ],
)
def test_imports_that_fail_name_the_module(tmp_path, monkeypatch, imports, says):
    write(
        tmp_path, users_broken__py="raise ValueError('oh')", users_needy__py='import not_installed'
    )
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(UserError, match=rf'a\.py: custom_imports.*{says}'):
        import_modules(imports, 'a.py')


def test_imports_that_succeed_or_may_fail(tmp_path, monkeypatch):
    write(tmp_path, users_good__py='x = 1')
    monkeypatch.syspath_prepend(tmp_path)
    import_modules(None, 'a.py')
    import_modules(dict(imports=['users_good', 'absent'], allow_failed_imports=True), 'a.py')
    assert sys.modules['users_good'].x == 1


def test_a_fault_in_a_module_of_ours_goes_through(monkeypatch):
    def fail(name):
        raise ValueError('too many values to unpack')

    monkeypatch.setattr('importlib.import_module', fail)
    with pytest.raises(ValueError, match='too many') as raised:
        import_modules(dict(imports=['projects.STSLidR.stslidr.plugin']), 'a.py')
    assert not isinstance(raised.value, UserError)


def test_options_are_parsed_as_mmengine_does():
    texts = ['a.b=1', 'c=[1,(2,x)]', 'd=x=y']
    assert parse_options(texts) == {'a.b': 1, 'c': [1, (2, 'x')], 'd': 'x=y'}


@pytest.mark.parametrize('text', ['a', '=1', '.=1', 'a.=1', 'a=(1,2', 'a=1,[2', 'a(1'])
def test_options_of_no_form_are_refused(text):
    with pytest.raises(InputError) as raised:
        parse_options(['good=1', text])
    assert str(raised.value).startswith(f'--cfg-options {text}: ')
