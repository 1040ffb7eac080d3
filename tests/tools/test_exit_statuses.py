"""Every tool alike: 0 when done, 1 for a user's mistake in one line, 2, 70 and 130."""

import os
import signal
import time
from contextlib import suppress
from types import SimpleNamespace

import pytest

import stslidr.plugin  # noqa: F401
from support.commands import ROOT, start
from support.tiny_data import make_tiny_data
from support.tiny_labelled import make_labelled_nuscenes
from support.tiny_run import tiny_config
from support.tiny_segmentation import tiny_segmentor
from support.tiny_weights import save_segmentor
from support.tools import TOOLS, assert_mistake, status_of

NO_CHECKPOINTS = 'default_hooks.checkpoint.interval=100000'
NARROW = {
    'except UserError as error:',
    'except CycleError as error:',  # of rooms
    'except (ValueError, SyntaxError):',  # of one literal
}
"""What a tool may catch."""
NAMES = sorted(path.name for path in TOOLS.glob('*.py'))
DEMO = ROOT / 'studies' / 'demo.yaml'
SCENES = {'scene-a': 2, 'scene-b': 1}


@pytest.fixture(scope='module')
def made(tmp_path_factory):
    """A folder with data, configs, a checkpoint, and things that are none of these."""
    folder = tmp_path_factory.mktemp('made')
    data = make_tiny_data(folder / 'tiny', num_keyframes=2)
    tiny_config(data, folder / 'work', epochs=1).dump(folder / 'pretrain.py')
    make_labelled_nuscenes(folder / 'labelled', SCENES)
    config = tiny_segmentor(folder / 'labelled', folder / 'work')
    save_segmentor(config, folder / 'weights.pth')
    config.dump(folder / 'segmentor.py')
    (folder / 'folder').mkdir()
    (folder / 'text').write_text('neither pickle nor JSON nor weights')
    (folder / 'wrong.py').write_text('x = 1\ny = 1 / 0\n')
    return SimpleNamespace(
        pretrain=folder / 'pretrain.py',
        segmentor=folder / 'segmentor.py',
        weights=folder / 'weights.pth',
        work=folder / 'work',
        tiny=data.root,
        tiny_infos=data.root / data.ann_file,
        superpixels=data.root / data.superpixels,
        labelled=folder / 'labelled',
        labelled_infos=folder / 'labelled/nuscenes_infos_train.pkl',
        folder=folder / 'folder',
        text=folder / 'text',
        wrong=folder / 'wrong.py',
        out=folder / 'out',
        demo=DEMO,
    )


def fill(arguments, made):
    """The words of a command line, `{name}` for what the fixture made."""
    return [word.format(**vars(made)) for word in arguments.split()]


PRETRAIN = '{pretrain} --work-dir {work} '
SEGMENT = '{segmentor} {weights} --work-dir {work} '
PREDICT = '{segmentor} {weights} {labelled}/samples --out {out} --device cpu '
DRAW = '{tiny_infos} --root {tiny} --superpixels {superpixels} --out {out} '
ENCODER = '{tiny_infos} --root {tiny} --superpixels {superpixels} --out {out}.pth '
MAPS = '{tiny_infos} --root {tiny} --data-prefix LEFT=LEFT RIGHT=RIGHT --workers 1 '
CITY = '--scenes 1 --keyframes 1 --seed 0 '
MISTAKES = [
    ('train.py', '{folder}/absent.py', r'config .*absent\.py does not exist'),
    ('train.py', '{folder}', 'is a folder'),
    ('train.py', '{wrong}', r'wrong\.py, line 2: ZeroDivisionError'),
    ('train.py', PRETRAIN + '--cfg-options words', 'words: not of the form KEY=VALUE'),
    ('train.py', PRETRAIN + '--cfg-options model.gather=(1,2', 'no readable value'),
    ('train.py', PRETRAIN + '--cfg-options train_dataloader.batch_sise=4', 'batch_sise'),
    ('train.py', PRETRAIN + '--cfg-options model.type=SuperpixelPretrainr', 'SuperpixelPretrainer'),
    ('train.py', PRETRAIN + '--cfg-options model.criterion.temprature=1', 'model.criterion: '),
    ('train.py', PRETRAIN + '--cfg-options model.criterion.temperature=a', 'expected float'),
    ('train.py', PRETRAIN + '--cfg-options model.criterion.temperature=-1', 'must be above 0'),
    ('train.py', PRETRAIN + '--cfg-options optim_wrapper.optimizer.lr=-1', 'optimizer: SGD: '),
    ('train.py', PRETRAIN + '--cfg-options custom_imports.imports=absent.module', 'absent.module'),
    ('train.py', PRETRAIN + '--cfg-options load_from={text}', 'text: truncated, no checkpoint'),
    ('train.py', PRETRAIN + '--cfg-options load_from={folder}', 'is a folder, no checkpoint'),
    ('train.py', PRETRAIN + '--cfg-options val_cfg=None', 'but no val_cfg'),
    ('train.py', PRETRAIN + '--data-root {folder}', 'info file .* does not exist'),
    ('train.py', PRETRAIN + '--resume {folder}/absent.pth', 'no such checkpoint'),
    ('train.py', '{pretrain} --work-dir {text}', 'work dir .* cannot be made'),
    ('train.py', PRETRAIN + '--launcher pytorch', 'not started by it: RANK'),
    ('test.py', '{segmentor} {folder}/absent.pth', 'no such checkpoint'),
    ('test.py', '{segmentor} {text} --work-dir {work}', 'truncated, no checkpoint'),
    ('test.py', '{pretrain} {weights} --work-dir {work}', 'does not fit the model'),
    ('test.py', SEGMENT + '--json {folder}', 'Is a directory'),
    ('test.py', SEGMENT + '--json {text}/result.json', "'.*/text'"),
    ('test.py', SEGMENT + '--out {text}', "'.*/text"),
    ('test.py', SEGMENT + '--corruptions fog --json {text}', 'no readable JSON'),
    ('test.py', SEGMENT + '--corruptions fog --baseline {folder}', 'cannot be read'),
    ('test.py', SEGMENT + '--cfg-options test_evaluator.type=PointSegMetrik', 'test_evaluator: '),
    ('benchmark.py', 'step --config {segmentor}', 'is no pretraining config'),
    (
        'benchmark.py',
        'step --config {pretrain} --data-root {folder}',
        'info file .* does not exist',
    ),
    ('predict.py', '{segmentor} {weights} {folder}/absent.bin --out {out}', 'does not exist'),
    ('predict.py', '{segmentor} {weights} {labelled}/samples --out {text}', 'is a file'),
    ('predict.py', '{segmentor} {text} {labelled}/samples --out {out}', 'no checkpoint'),
    ('predict.py', PREDICT + '--cfg-options words', 'words: not of the form'),
    ('predict.py', PREDICT.replace('cpu', 'abacus'), '--device abacus'),
    ('create_data.py', 'nuscenes --root {folder}/absent --version v1.0-mini', 'is no folder'),
    ('create_data.py', 'nuscenes --root {labelled} --version v9', 'v9 does not exist'),
    ('create_data.py', 'nuscenes --root {labelled} --version v1.0-tiny --out {text}', 'no folder'),
    ('create_data.py', 'semantickitti --root {folder}', 'is no SemanticKITTI root'),
    ('create_superpixels.py', '{text} --root {tiny} --out {out}', 'no readable pickle'),
    ('create_superpixels.py', MAPS + '--out {text}', 'superpixel folder .* cannot be made'),
    ('create_superpixels.py', MAPS + '--out {out} --shard 5/2', 'only 2 shards'),
    (
        'create_superpixels.py',
        '{tiny_infos} --root {tiny} --out {out} --data-prefix LEFT',
        'not of the form CAM=FOLDER',
    ),
    ('create_superpixels.py', MAPS + '--out {folder} --adopt', '4 superpixel maps do not exist'),
    ('create_synthetic.py', CITY + '--root {text}', 'is a file'),
    ('create_synthetic.py', CITY + '--root {labelled}', 'choose a new or an empty folder'),
    ('create_synthetic.py', CITY + '--root {out} --image-size big', 'not of the form WxH'),
    ('describe_code.py', '--root {folder}', 'holds no package'),
    ('describe_keyframes.py', '{folder}/absent.pkl --root {tiny}', 'does not exist'),
    ('describe_keyframes.py', '{labelled_infos} --root {folder}', 'sweep .* does not exist'),
    ('describe_keyframes.py', '{labelled_infos} --root {labelled} --json {folder}', 'directory'),
    ('check_data.py', '{folder}/absent.pkl --root {tiny}', 'does not exist'),
    ('check_data.py', '{tiny_infos} --root {tiny} --workers 1', r'tiny_infos\.pkl: \d+ findings'),
    ('check_data.py', '{tiny_infos} --root {tiny} --data-prefix LEFT', 'not of the form SENSOR'),
    ('draw_keyframe.py', DRAW + '--index 7', '--index 7: .* has 2 samples'),
    (
        'draw_keyframe.py',
        '{labelled_infos} --root {labelled} --superpixels {folder} --out {out}',
        'has no manifest.json',
    ),
    ('draw_report.py', '{folder}/absent.yaml --results {folder} --out {out}', 'does not exist'),
    ('draw_report.py', '{folder} --results {folder} --out {out}', 'study .* cannot be read'),
    ('draw_report.py', '{text} --results {folder} --out {folder}', 'Is a directory'),
    ('run_experiment.py', '{text} --out {out}', 'study .*text'),
    ('run_experiment.py', '{folder} --out {out}', 'study .* cannot be read'),
    ('measure_separability.py', '{text} {text} --root {folder}', 'no readable pickle'),
    (
        'measure_separability.py',
        '{labelled_infos} {labelled_infos} --root {labelled} --class-maps {folder}',
        'label map .* does not exist',
    ),
    (
        'measure_image_encoder.py',
        '{tiny_infos} {tiny_infos} --root {tiny} --superpixels {folder} --class-maps {folder}',
        'has no manifest.json',
    ),
    (
        'measure_image_encoder.py',
        '{tiny_infos} {tiny_infos} --root {tiny} --superpixels {superpixels} '
        '--class-maps {folder} --checkpoint {text}',
        'text cannot be read',
    ),
    ('train_image_encoder.py', ENCODER + '--seed -1', 'seed -1 is not from 0 to'),
    ('train_image_encoder.py', ENCODER + '--iterations 0', 'at least one iteration'),
    ('train_image_encoder.py', ENCODER.replace('{out}.pth', '{folder}'), 'Is a directory'),
]


@pytest.mark.parametrize(
    ('name', 'arguments', 'says'), MISTAKES, ids=[f'{row[0]}-{row[2][:30]}' for row in MISTAKES]
)
def test_a_users_mistake_is_one_line_and_status_1(made, capsys, name, arguments, says):
    assert_mistake(capsys, says, name, *fill(arguments, made))


def test_every_tool_has_a_mistake_in_the_table():
    assert {name for name, *_ in MISTAKES} == set(NAMES)


@pytest.mark.parametrize('name', NAMES)
def test_help_and_unknown_options(capsys, name):
    assert status_of(name, '--help') == 0
    assert 'usage: ' in capsys.readouterr().out
    assert status_of(name, '--no-such-option') == 2
    said = capsys.readouterr().err
    assert 'usage: ' in said and 'error: ' in said and 'Traceback' not in said


def plant(monkeypatch, place):
    """Let a function deep in the project raise what a bug would."""

    def broken(*args, **kwargs):
        raise ValueError('too many values to unpack')

    monkeypatch.setattr(place, broken)


BUGS = [
    ('train.py', PRETRAIN, 'stslidr.distillation.superpixel.SuperpixelDistiller.distill'),
    ('train.py', PRETRAIN, 'stslidr.encoders.res16unet.Res16UNet.__init__'),
    ('train.py', PRETRAIN, 'stslidr.datasets.transforms.loading.read_sweep'),
    ('test.py', SEGMENT, 'stslidr.evaluation.segmentation_metric.report_of'),
    ('test.py', SEGMENT, 'stslidr.evaluation.result_file.Checkpoint.read'),
    (
        'benchmark.py',
        'step --config {pretrain} --rounds 1',
        'stslidr.distillation.superpixel.SuperpixelDistiller.pool',
    ),
    ('create_superpixels.py', MAPS + '--out {out} --method slic', 'os.listdir'),
    ('predict.py', PREDICT, 'stslidr.prediction.predictor.inference_segmentor'),
    (
        'describe_keyframes.py',
        '{labelled_infos} --root {labelled}',
        'stslidr.inspection.keyframe_files.read_infos',
    ),
    ('create_data.py', 'semantickitti --root {tiny}', 'pathlib.Path.is_dir'),
    (
        'run_experiment.py',
        '{demo} --out {out} --dry-run',
        'stslidr_studies.study.experiment.enumerate_cells',
    ),
]


@pytest.mark.parametrize(
    ('name', 'arguments', 'place'), BUGS, ids=[f'{row[0]}-{row[2].split(".")[-1]}' for row in BUGS]
)
def test_a_fault_of_ours_keeps_its_traceback_and_is_status_70(
    made, capsys, monkeypatch, name, arguments, place
):
    plant(monkeypatch, place)
    status = status_of(name, *fill(arguments, made))
    said = capsys.readouterr().err
    assert status == 70, said[-2000:]
    assert 'Traceback' in said and 'ValueError: too many values to unpack' in said
    assert not said.splitlines()[-1].startswith('error: ')


def test_a_fault_in_a_worker_of_a_loader_keeps_its_traceback(made, capsys, monkeypatch):
    plant(monkeypatch, 'stslidr.datasets.transforms.loading.read_sweep')
    options = '--cfg-options train_dataloader.num_workers=2'
    assert status_of('train.py', *fill(PRETRAIN + options, made)) == 70
    assert 'ValueError: ' in capsys.readouterr().err


def test_a_mistake_met_in_a_worker_of_a_loader_is_one_line(made, capsys, tmp_path):
    data = make_tiny_data(tmp_path / 'data', num_keyframes=4)
    broken = data.root / 'sweeps' / '2.bin'
    broken.write_bytes(broken.read_bytes()[:-16])
    options = f'--data-root {data.root} --cfg-options train_dataloader.num_workers=2'
    assert_mistake(
        capsys, f'error: sweep {broken} has', 'train.py', *fill(PRETRAIN + options, made)
    )


@pytest.mark.parametrize(
    ('name', 'arguments'),
    [
        (
            'train.py',
            PRETRAIN
            + '--cfg-options train_cfg.max_epochs=10000 '
            + NO_CHECKPOINTS
            + ' --no-validate',
        ),
        ('create_synthetic.py', '--scenes 9 --keyframes 9 --seed 0 --workers 1 --root {out}_city'),
        ('train_image_encoder.py', ENCODER + '--iterations 100000'),
    ],
)
def test_ctrl_c_is_status_130_without_a_traceback(made, tmp_path, name, arguments):
    process = start(TOOLS / name, *fill(arguments, made), cwd=tmp_path)
    said = b''
    deadline = time.monotonic() + 200
    os.set_blocking(process.stdout.fileno(), False)
    while not any(sign in said for sign in (b'Epoch(train)', b'keyframes:', b'training:')):
        assert process.poll() is None and time.monotonic() < deadline, said.decode()
        said += os.read(process.stdout.fileno(), 65536) if _ready(process) else b''
    process.send_signal(signal.SIGINT)
    os.set_blocking(process.stdout.fileno(), True)
    try:
        output, _ = process.communicate(timeout=120)
    finally:  # nothing goes on after the test
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    assert process.returncode == 130, output[-2000:]
    words = 'stopped by SIGINT after iteration' if name == 'train.py' else 'interrupted'
    assert words in output and 'Traceback' not in output


def _ready(process):
    import select

    return bool(select.select([process.stdout], [], [], 0.2)[0])


def test_each_process_of_a_launched_run_says_one_line_at_most(made, tmp_path):
    arguments = fill(PRETRAIN + '--launcher pytorch --data-root {folder}', made)
    torchrun = ('-m', 'torch.distributed.run', '--nproc_per_node=2', '--master_port=29641')
    process = start(*torchrun, TOOLS / 'train.py', *arguments, cwd=tmp_path)
    output, _ = process.communicate(timeout=300)
    lines = [line for line in output.splitlines() if 'info file' in line]
    assert process.returncode != 0 and 1 <= len(lines) <= 2
    assert all(line.startswith('error: info file') for line in lines)
    assert 'stslidr/tooling/run_tool.py' not in output, 'no traceback of the tool'


def test_the_tools_catch_nothing_wider_than_a_users_mistake():
    project = TOOLS.parent / 'projects/STSLidR'
    for name in NAMES:
        (path,) = [*project.glob(f'*/tools/{name}')] or [TOOLS / name]
        text = path.read_text()
        assert 'run_tool(main)' in text
        caught = [line.strip() for line in text.splitlines() if line.strip().startswith('except')]
        assert set(caught) <= NARROW, name
