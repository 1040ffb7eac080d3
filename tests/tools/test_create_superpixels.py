"""The tool as a user runs it: interrupted, resumed, sharded, and with bad input."""

from __future__ import annotations

import hashlib
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from mmengine.config import Config
from PIL import Image

from stslidr.files.infos import write_infos
from stslidr.files.label_png import read_labels
from stslidr.files.superpixel_maps import SuperpixelMaps
from stslidr.preparation.superpixel_methods import Grid, Slic

TOOL = Path(__file__).parents[2] / 'tools' / 'create_superpixels.py'
NUM_IMAGES = 30


@pytest.fixture(scope='module')
def root(tmp_path_factory):
    """A data set of smooth made-up images from two cameras of different sizes."""
    folder = tmp_path_factory.mktemp('data')
    rng = np.random.default_rng(0)
    samples = []
    for index in range(NUM_IMAGES // 2):
        images = {}
        for camera, size in {'FRONT': (180, 320), 'BACK': (150, 200)}.items():
            coarse = rng.integers(40, 220, (8, 12, 3), dtype=np.uint8)
            path = folder / 'samples' / camera / f'{index}.png'
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(coarse).resize(size[::-1], Image.BILINEAR).save(path)
            images[camera] = {
                'img_path': path.name,
                'height': size[0],
                'width': size[1],
                'sample_data_token': f'{camera.lower()}{index:02d}',
            }
        samples.append({'images': images})
    write_infos(folder / 'infos.pkl', {}, samples)
    write_infos(folder / 'few.pkl', {}, samples[:3])
    return folder


def command(root, out, *options, infos='infos.pkl', workers='2'):
    return [
        sys.executable,
        str(TOOL),
        str(root / infos),
        '--root',
        str(root),
        '--out',
        str(out),
        '--workers',
        workers,
        *options,
    ]


def run(root, out, *options, infos='infos.pkl'):
    """Run the tool to its end; return what it says."""
    line = command(root, out, *options, infos=infos, workers='1')
    result = subprocess.run(line, capture_output=True, text=True, timeout=120)
    return result.returncode, result.stdout + result.stderr


def succeed(root, out, *options, infos='infos.pkl'):
    code, output = run(root, out, *options, infos=infos)
    assert code == 0, output
    return output


def fail(root, out, *options, infos='infos.pkl'):
    """Run the tool, which must end with one line of error; return that line."""
    code, output = run(root, out, *options, infos=infos)
    assert code == 1 and 'Traceback' not in output, output
    return re.search('^error: .*', output, re.MULTILINE)[0]


def contents(folder):
    """File name -> hash of everything in a folder."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


@pytest.fixture(scope='module')
def uninterrupted(root, tmp_path_factory):
    """The folder of an uninterrupted run."""
    out = tmp_path_factory.mktemp('uninterrupted') / 'slic'
    output = succeed(root, out)
    assert f'{NUM_IMAGES}/{NUM_IMAGES}' in output and f'{NUM_IMAGES} maps' in output
    return out


def kill_in_mid_run(process, out, kill):
    """Kill when some maps are there, but not all; return the maps' modification times."""
    deadline = time.monotonic() + 60
    while not 3 <= len(list(out.glob('*.png'))) < NUM_IMAGES:
        assert time.monotonic() < deadline and process.poll() is None
        time.sleep(0.002)
    kill()
    process.communicate(timeout=30)  # returns when no process holds the pipe: all are gone
    assert process.returncode == -signal.SIGKILL
    times = {path.name: path.stat().st_mtime_ns for path in out.glob('*.png')}
    assert 3 <= len(times) < NUM_IMAGES
    return times


@pytest.mark.parametrize('victims', ['all', 'parent'])
def test_killed_and_resumed_gives_the_folder_of_an_uninterrupted_run(
    root, uninterrupted, tmp_path, victims
):
    out = tmp_path / 'slic'
    process = subprocess.Popen(
        command(root, out), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True
    )
    times = kill_in_mid_run(
        process,
        out,
        process.kill if victims == 'parent' else lambda: os.killpg(process.pid, signal.SIGKILL),
    )
    for path in out.glob('*.png'):
        read_labels(path)  # whole
    with pytest.raises(ValueError, match='is unfinished: run'):
        SuperpixelMaps(out)
    (out / '.front07.png.partial').write_bytes(b'what a kill can leave')

    succeed(root, out)
    assert contents(out) == contents(uninterrupted)
    assert times.items() <= {path.name: path.stat().st_mtime_ns for path in out.iterdir()}.items()


def test_shards_at_the_same_time_give_the_folder_of_one_run(root, uninterrupted, tmp_path):
    out = tmp_path / 'slic'
    shards = [
        subprocess.Popen(
            command(root, out, '--shard', f'{index}/3'),
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        for index in range(3)
    ]
    said = [shard.communicate(timeout=120)[0] for shard in shards]
    assert [shard.returncode for shard in shards] == [0, 0, 0]
    assert contents(out) == contents(uninterrupted)
    assert any(f'{NUM_IMAGES} maps' in text for text in said)


def test_a_shard_makes_its_part_and_leaves_others_alone(root, tmp_path):
    (tmp_path / '.back00.png.partial').write_bytes(b'of the second shard, which may be alive')
    (tmp_path / '.front00.png.partial').write_bytes(b'left by a killed run of this shard')
    output = succeed(root, tmp_path, '--method', 'grid', '--shard', '0/2', infos='few.pkl')
    assert 'the last shard to end' in output
    assert sorted(os.listdir(tmp_path)) == [
        '.back00.png.partial',
        'front00.png',
        'front01.png',
        'front02.png',
        'manifest.json',
    ]
    succeed(root, tmp_path, '--method', 'grid', '--shard', '1/2', infos='few.pkl')
    assert sum(name.endswith('.png') for name in os.listdir(tmp_path)) == 6
    assert SuperpixelMaps(tmp_path).manifest.num_maps == 6


def test_maps_are_those_of_the_generator(root, uninterrupted):
    maps = SuperpixelMaps(uninterrupted)
    for camera, size in {'FRONT': (180, 320), 'BACK': (150, 200)}.items():
        with Image.open(root / 'samples' / camera / '4.png') as image:
            labels = Slic()(np.asarray(image))
        np.testing.assert_array_equal(maps.load(f'{camera.lower()}04', size, 1000), labels)
    manifest = maps.manifest
    highest = {path.name: read_labels(path).max() for path in uninterrupted.glob('*.png')}
    assert manifest.highest_id == max(highest.values()) == highest[manifest.highest_id_map]
    assert manifest.image_sizes == [[150, 200], [180, 320]]
    assert (manifest.method, manifest.num_maps) == ('slic', NUM_IMAGES)


def test_a_second_info_file_adds_to_the_folder_and_ids_above_255_take_16_bits(root, tmp_path):
    options = ('--method', 'grid', '--segments', '400')
    succeed(root, tmp_path, *options, infos='few.pkl')
    assert SuperpixelMaps(tmp_path).manifest.num_maps == 6
    output = succeed(root, tmp_path, *options)
    expected = Grid(400)(np.zeros((180, 320, 3), np.uint8))
    assert (
        expected.max() > 255
        and f'highest id {SuperpixelMaps(tmp_path).manifest.highest_id}' in output
    )
    with Image.open(tmp_path / 'front11.png') as image:
        assert image.mode == 'I;16'
    np.testing.assert_array_equal(
        SuperpixelMaps(tmp_path).load('front11', (180, 320), 400), expected
    )
    assert SuperpixelMaps(tmp_path).manifest.num_maps == NUM_IMAGES


def test_more_ids_than_the_shipped_configs_have_slots_for_are_warned_of(root, tmp_path):
    output = succeed(root, tmp_path, '--method', 'grid', '--segments', '200', infos='few.pkl')
    needed = SuperpixelMaps(tmp_path).manifest.highest_id + 1
    assert needed > 150
    options = re.search(
        r'^warning: .*num_superpixels=150, .*\n +--cfg-options (.*)$', output, re.MULTILINE
    )[1]
    assert options.split() == [
        f'{loader}.dataset.pipeline.LoadSuperpixels.num_superpixels={needed}'
        for loader in ('train_dataloader', 'val_dataloader')
    ]
    for path in sorted((TOOL.parents[1] / 'configs').glob('*.py')):
        config = Config.fromfile(path, import_custom_modules=False)
        loaders = (config.train_dataloader, config.val_dataloader, config.test_dataloader)
        for loader in filter(None, loaders):
            steps = loader.dataset.pipeline
            assert [step.num_superpixels for step in steps if step.type == 'LoadSuperpixels'] in (
                [150],
                [],
            ), path


@pytest.mark.parametrize(('highest_id', 'warned'), [(149, False), (150, True)])
def test_the_warning_starts_at_the_first_id_without_a_slot(root, tmp_path, highest_id, warned):
    labels = np.full((20, 30), highest_id, np.uint8)
    Image.fromarray(labels).save(tmp_path / 'a.png')
    (tmp_path / 'maps').mkdir()
    Image.fromarray(labels).save(tmp_path / 'maps' / 'a.png')
    infos = {'img_path': 'a.png', 'sample_data_token': 'a'}
    write_infos(tmp_path / 'infos.pkl', {}, [{'images': {'CAM': infos}}])
    assert ('warning:' in succeed(tmp_path, tmp_path / 'maps', '--adopt')) == warned


def test_other_superpixels_are_not_added_to_a_folder(root, uninterrupted):
    before = contents(uninterrupted)
    assert 'method' in fail(root, uninterrupted, '--method', 'grid')
    assert "'n_segments': 30" in fail(root, uninterrupted, '--segments', '30')
    assert contents(uninterrupted) == before


def test_maps_without_manifest_are_refused_and_can_be_adopted(root, uninterrupted, tmp_path):
    for path in uninterrupted.glob('*.png'):
        Image.fromarray(read_labels(path)).save(tmp_path / path.name)  # as others write them
    assert 'has no manifest.json' in fail(root, tmp_path)
    succeed(root, tmp_path, '--adopt')
    adopted, made = SuperpixelMaps(tmp_path), SuperpixelMaps(uninterrupted)
    assert adopted.manifest.method == 'adopted'
    for name in ('num_maps', 'image_sizes', 'highest_id', 'highest_id_map'):
        assert getattr(adopted.manifest, name) == getattr(made.manifest, name)
    np.testing.assert_array_equal(
        adopted.load('back03', (150, 200), 1000), made.load('back03', (150, 200), 1000)
    )
    assert "method 'adopted'" in fail(root, tmp_path)
    assert "method 'slic'" in fail(root, uninterrupted, '--adopt')


def test_adopting_checks_each_map(root, uninterrupted, tmp_path):
    for path in uninterrupted.glob('*.png'):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / 'back02.png').write_bytes((tmp_path / 'front02.png').read_bytes())
    assert re.search(r'back02\.png is 180 x 320 .* 150 x 200', fail(root, tmp_path, '--adopt'))
    (tmp_path / 'back02.png').write_bytes(b'broken')
    assert re.search(r'back02\.png cannot be read', fail(root, tmp_path, '--adopt'))
    (tmp_path / 'back02.png').unlink()
    assert re.search(r'1 of 30 .*back02\.png', fail(root, tmp_path, '--adopt'))
    assert not (tmp_path / 'manifest.json').exists()


def test_bad_images_stop_the_run_by_name(root, tmp_path):
    data = tmp_path / 'data'
    infos = {'img_path': 'a.png', 'sample_data_token': 'a', 'height': 20, 'width': 30}
    write_infos(tmp_path / 'infos.pkl', {}, [{'images': {'CAM': infos}}])
    options = ['--method', 'grid']

    def complaint(name):
        return fail(tmp_path, tmp_path / name, *options, '--data-prefix', 'CAM=data')

    assert re.search(r'1 of 1 images do not exist, .*data/a\.png: check --root', complaint('1'))
    data.mkdir()
    (data / 'a.png').write_bytes(b'no image')
    assert re.search(r'data/a\.png cannot be read', complaint('2'))
    Image.new('RGB', (20, 30)).save(data / 'a.png')
    assert re.search(r'data/a\.png is 30 x 20 .* 20 x 30', complaint('3'))
    assert os.listdir(tmp_path / '3') == ['manifest.json']


@pytest.mark.parametrize(
    ('options', 'message'),
    [
        (['--shard', '3/2'], 'there are only 2 shards'),
        (['--data-prefix', 'FRONT'], 'is not of the form CAM=FOLDER'),
        (['--data-prefix', 'SIDE=x'], '--data-prefix SIDE'),
        (['--segments', '0'], 'at least 1'),
        (['--method-options', 'sigma'], 'is not of the form KEY=VALUE'),
        (['--method-options', 'colour=red'], "unexpected keyword argument 'colour'"),
        (['--method', 'no_such_module:Name'], 'there is no module no_such_module'),
    ],
)
def test_bad_options_are_one_line(root, tmp_path, options, message):
    assert message in fail(root, tmp_path, *options)


@pytest.mark.parametrize(
    'options',
    [
        ['--method', 'watershed'],
        ['--workers', '0'],
        ['--adopt', '--method', 'grid'],
        ['--adopt', '--shard', '0/2'],
        ['--adopt', '--segments', '9'],
        ['--adopt', '--method-options', 'sigma=2'],
    ],
)
def test_options_that_make_no_sense_show_the_usage(root, tmp_path, options):
    code, output = run(root, tmp_path / 'out', *options)
    assert code == 2 and 'usage:' in output
    assert not (tmp_path / 'out').exists()


def test_an_absent_info_file_is_one_line(root, tmp_path):
    assert 'absent.pkl does not exist' in fail(root, tmp_path, infos='absent.pkl')
