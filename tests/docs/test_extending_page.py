"""The examples of docs/extending.md, run as they stand there."""

import importlib
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from mmdet3d.registry import MODELS
from mmengine.config import Config
from PIL import Image

from stslidr.files.infos import write_infos
from stslidr.files.superpixel_maps import SuperpixelMaps
from stslidr_studies.report.encoder_words import describe_encoder
from stslidr_studies.study.image_weights import describe_image_weights
from support.tiny_batch import make_batch
from support.tiny_run import SMALL_BACKBONE

ROOT = Path(__file__).resolve().parents[2]
SECTIONS = {
    section.partition('\n')[0]: section
    for section in (ROOT / 'docs/extending.md').read_text(encoding='utf-8').split('\n## ')[1:]
}
PARTS = ('A loss', 'An image encoder', 'A point backbone')
LONGEST = 30


def blocks(section, language):
    return re.findall(rf'```{language}\n(.*?)```', SECTIONS[section], re.DOTALL)


@pytest.fixture
def own_module(tmp_path, monkeypatch):
    """Write a section's example into a module of its own, here; return its name."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    written = []

    def write(section):
        code = blocks(section, 'python')[0]
        name = re.match(r'"""(\w+)\.py: ', code)[1]
        Path(f'{name}.py').write_text(code)
        importlib.invalidate_caches()
        written.append(name)
        return name

    yield write
    for name in written:
        for kind in list(MODELS.module_dict):
            if MODELS.module_dict[kind].__module__ == name:
                del MODELS.module_dict[kind]
        sys.modules.pop(name, None)


def read_config(section, folder):
    """The section's config beside copies of the shipped ones, made small."""
    shutil.copytree(ROOT / 'configs', folder / 'configs')
    path = folder / 'configs/own.py'
    path.write_text(blocks(section, 'python')[1])
    config = Config.fromfile(path)
    if config.model.backbone.type == 'Res16UNet':
        config.model.backbone.update(SMALL_BACKBONE)
    if config.model.image_encoder.type == 'FrozenResNet50':
        config.model.image_encoder.weights = 'random'
    return config


@pytest.mark.parametrize('section', PARTS)
def test_a_part_of_ones_own_takes_a_step(section, own_module, tmp_path):
    own_module(section)
    torch.save(
        {f'embedding.{k}': v for k, v in torch.nn.Conv2d(3, 64, 16, 16).state_dict().items()},
        'patches.pth',
    )
    model = MODELS.build(read_config(section, tmp_path).model)
    logged = model(make_batch(), mode='loss')
    logged['loss'].backward()
    assert logged['occupied_superpixels'] > 10 and 0 <= logged['top1_matching'] <= 1
    for part in (model.backbone, model.point_head, model.image_head):
        for name, parameter in part.named_parameters():
            assert parameter.grad.isfinite().all(), name
        assert any(parameter.grad.abs().sum() > 0 for parameter in part.parameters())


def test_a_loss_of_ones_own_bears_a_batch_without_pairs(own_module, tmp_path):
    own_module('A loss')
    model = MODELS.build(read_config('A loss', tmp_path).model)
    logged = model(make_batch(pairs=0), mode='loss')
    logged['loss'].backward()
    assert logged['loss'] == 0 and logged['occupied_superpixels'] == 0


def test_study_and_report_ask_the_encoder_of_ones_own(own_module, tmp_path):
    own_module('An image encoder')
    config = read_config('An image encoder', tmp_path)
    assert describe_image_weights(config).file == Path('patches.pth')
    assert describe_encoder(config) == (
        'The frozen image encoder is a Patches with patches from patches.pth, '
        'trained without labels.'
    )


def test_a_generator_of_ones_own_makes_maps(own_module, tmp_path):
    own_module('A superpixel generator')
    for folder in ('root/samples/CAM', 'masks'):
        (tmp_path / folder).mkdir(parents=True)
    rng, samples = np.random.default_rng(0), []
    for index in range(3):
        pixels = rng.integers(0, 255, (12, 16, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(tmp_path / f'root/samples/CAM/{index}.png')
        labels = rng.integers(0, 40, (12, 16), dtype=np.uint8)
        Image.fromarray(labels).save(tmp_path / f'masks/{index}.png')
        image = {'img_path': f'{index}.png', 'sample_data_token': f'token{index}'}
        samples.append({'images': {'CAM': image}})
    write_infos(tmp_path / 'infos.pkl', {}, samples)
    (command,) = blocks('A superpixel generator', 'bash')
    for name, value in {'INFOS': 'infos.pkl', 'ROOT': 'root', 'MASKS': 'masks'}.items():
        command = re.sub(rf'\b{name}\b', value, command)
    path, _, *words = shlex.split(command.replace('tools/', f'{ROOT}/tools/'))
    done = subprocess.run(
        [sys.executable, *words],
        env={**os.environ, 'PYTHONPATH': path.partition('=')[2]},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    maps = SuperpixelMaps(tmp_path / 'root/superpixels/masks')
    assert (maps.manifest.method, maps.manifest.parameters) == ('masks', {'folder': 'masks'})
    for index in range(3):
        expected = np.asarray(Image.open(tmp_path / f'masks/{index}.png'))
        assert np.array_equal(maps.load(f'token{index}', (12, 16), 40), expected)


def test_the_examples_are_short():
    for section in (*PARTS, 'A superpixel generator'):
        for code in blocks(section, 'python'):
            lines = [line for line in code.splitlines() if line.strip()]
            assert len(lines) <= LONGEST, section


@pytest.mark.parametrize('section', (*PARTS, 'A superpixel generator'))
def test_what_is_to_be_touched_is_there(section):
    rows = re.findall(r'^\| `([^`]+)`( at the root)? \|', SECTIONS[section], re.MULTILINE)
    assert rows
    for path, at_root in rows:
        assert (ROOT / ('' if at_root else 'projects/STSLidR/stslidr') / path).exists(), path
