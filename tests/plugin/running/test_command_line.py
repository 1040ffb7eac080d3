"""The options that training and testing share, and the config that comes of them."""

import os

import pytest

from stslidr.errors import InputError, MissingFileError, UnknownKeyError
from stslidr.running.command_line import read_checked_config, read_config
from stslidr.tooling.run_options import runner_parser
from support.tiny_run import CONFIGS

CONFIG = str(CONFIGS / 'stslidr_dino.py')


def read(*arguments):
    return read_config(runner_parser('a tool').parse_args([CONFIG, *map(str, arguments)]))


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    """An environment without a launcher's variables, which is put back."""
    monkeypatch.setenv('LOCAL_RANK', '0')
    monkeypatch.delenv('LOCAL_RANK')


def test_defaults():
    args = runner_parser('a tool').parse_args([CONFIG])
    assert vars(args) == dict(
        config=CONFIG,
        work_dir=None,
        data_root=None,
        cfg_options=None,
        launcher='none',
        local_rank=0,
    )
    config = read_config(args)
    assert config.work_dir == os.path.join('work_dirs', 'stslidr_dino')
    assert config.filename == CONFIG and config.model.type == 'SuperpixelPretrainer'


@pytest.mark.parametrize(
    ('arguments', 'expected'),
    [
        (('--work-dir', 'there'), 'there'),
        (('--cfg-options', 'work_dir=here'), 'here'),
        (('--work-dir', 'there', '--cfg-options', 'work_dir=here'), 'there'),
    ],
)
def test_the_work_dir_of_the_command_line_wins(arguments, expected):
    assert read(*arguments).work_dir == expected


def test_the_data_root_is_that_of_every_data_set():
    config = read('--data-root', '/data', '--cfg-options', 'train_dataloader.batch_size=3')
    roots = {config[f'{phase}_dataloader'].dataset.data_root for phase in ('train', 'val', 'test')}
    assert roots == {'/data'} and config.train_dataloader.batch_size == 3


def test_options_of_all_kinds():
    config = read(
        '--cfg-options',
        'model.criterion.temperature=0.1',
        'model.backbone.planes=[1,2,3,4,5,6,7,8]',
        'train_dataloader.drop_last=False',
        'load_from=None',
    )
    assert config.model.criterion.temperature == 0.1 and config.load_from is None
    assert config.model.backbone.planes == [1, 2, 3, 4, 5, 6, 7, 8]
    assert config.train_dataloader.drop_last is False


@pytest.mark.parametrize(
    ('before', 'arguments', 'expected'),
    [
        (None, (), '0'),
        (None, ('--local-rank', 2), '2'),
        (None, ('--local_rank', 3), '3'),
        ('1', ('--local_rank', 3), '1'),
    ],
)
def test_the_local_rank_of_the_environment_wins(monkeypatch, before, arguments, expected):
    if before is not None:
        monkeypatch.setenv('LOCAL_RANK', before)
    read(*arguments)
    assert os.environ['LOCAL_RANK'] == expected


@pytest.mark.parametrize('arguments', [(), (CONFIG, '--launcher', 'rocket'), (CONFIG, '--foo')])
def test_wrong_options_are_argparses(arguments, capsys):
    with pytest.raises(SystemExit, match='2'):
        runner_parser('a tool').parse_args(arguments)
    assert 'usage:' in capsys.readouterr().err


def write(folder, text):
    (folder / 'a.py').write_text(text)
    return str(folder / 'a.py')


def test_a_config_is_checked_from_its_file_to_its_components(tmp_path):
    with pytest.raises(MissingFileError, match=r'b\.py does not exist'):
        read_checked_config(str(tmp_path / 'b.py'), None)
    base = f'_base_ = {CONFIG!r}\n'
    with pytest.raises(UnknownKeyError, match="nothing reads 'optim_wraper'"):
        read_checked_config(write(tmp_path, base + 'optim_wraper = {}'), None)
    with pytest.raises(MissingFileError, match='custom_imports: the module absent '):
        read_checked_config(write(tmp_path, base + "custom_imports = dict(imports='absent')"), None)
    path = write(tmp_path, base + 'model = dict(criterion=dict(temprature=1))')
    with pytest.raises(UnknownKeyError, match=r"a\.py: model\.criterion: .*'temprature'"):
        read_checked_config(path, None)
    with pytest.raises(UnknownKeyError, match='trian_dataloader'):
        read_checked_config(path, {'trian_dataloader.batch_size': 3})


def test_an_option_can_mend_what_the_file_has_wrong(tmp_path):
    path = write(tmp_path, f"_base_ = {CONFIG!r}\ntrain_dataloader = dict(batch_size='two')")
    with pytest.raises(InputError, match='train_dataloader.batch_size'):
        read_checked_config(path, None)
    config = read_checked_config(path, {'train_dataloader.batch_size': 2})
    assert config.train_dataloader.batch_size == 2
