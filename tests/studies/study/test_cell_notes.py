"""cell.json: what is written is read back, and whatever is damaged or of another run is refused."""

import json
import math

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stslidr.errors import InputError, MissingFileError
from stslidr_studies.study.cell_notes import (
    NOTE,
    is_finished,
    read_cell_note,
    read_cell_notes,
    write_cell_note,
)
from stslidr_studies.study.cells import enumerate_cells
from stslidr_studies.study.stored_cell import NEEDED
from support.made_up_cells import (
    SCENES,
    digest_of,
    make_note,
    make_origin,
    make_study,
    write_result_of,
)

CELLS = enumerate_cells(make_study(seeds=(0,)))
RANDOM_PROBE, _, GOOD, GOOD_PROBE = CELLS[:4]
ONES = {scene: [[1, 0, 0], [0, 1, 0], [0, 0, 1]] for scene in SCENES}
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@pytest.fixture
def out(tmp_path, monkeypatch):
    """A results folder in which everything has run."""
    monkeypatch.setattr('os.fsync', lambda descriptor: None)
    for cell in CELLS:
        (tmp_path / cell.folder).mkdir(parents=True)
        write_cell_note(tmp_path / cell.folder, make_note(cell))
        if cell.is_task:
            write_result_of(tmp_path, cell, ONES)
    return tmp_path


def origins():
    return {cell: make_origin(cell) for cell in CELLS}


def spoil(out, cell, **changes):
    write_cell_note(out / cell.folder, make_note(cell, **changes))


def test_a_record_is_what_json_makes_of_it(tmp_path):
    note = make_note(GOOD_PROBE)
    write_cell_note(tmp_path, note)
    text = (tmp_path / NOTE).read_text()
    assert text == json.dumps(note, indent=1) + '\n'
    assert read_cell_note(tmp_path) == note
    assert list(read_cell_note(tmp_path)) == list(note), 'in its order'


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(options=st.dictionaries(st.text(), PLAIN, max_size=4))
def test_whatever_a_config_holds_comes_back(tmp_path_factory, options):
    folder = tmp_path_factory.mktemp('cell')
    note = make_note(GOOD, settings=options, options=options)
    write_cell_note(folder, note)
    assert read_cell_note(folder) == note


def test_settings_may_be_infinite(tmp_path):
    """Such as the range of a filter in a config, for which JSON itself has no word."""
    write_cell_note(tmp_path, make_note(GOOD, settings={'far': math.inf, 'near': -math.inf}))
    assert read_cell_note(tmp_path)['settings'] == {'far': math.inf, 'near': -math.inf}


def test_a_cell_that_was_never_started_has_no_note(tmp_path):
    assert read_cell_note(tmp_path) is None and read_cell_note(tmp_path / 'nowhere') is None
    assert not is_finished(None)


@pytest.mark.parametrize('name', ['epoch_1.pth', 'result.json'])
def test_results_without_a_record_are_refused(tmp_path, name):
    (tmp_path / name).touch()
    with pytest.raises(InputError, match=f'{tmp_path} holds results but no cell.json'):
        read_cell_note(tmp_path)


def test_a_log_alone_is_no_result(tmp_path):
    """A cell that failed before it wrote a note leaves a log."""
    (tmp_path / 'log.txt').write_text('an error')
    assert read_cell_note(tmp_path) is None


def test_a_record_that_is_cut_off_anywhere_is_refused_with_advice(tmp_path):
    write_cell_note(tmp_path, make_note(GOOD))
    path = tmp_path / NOTE
    whole = path.read_bytes().rstrip()
    for length in range(0, len(whole), 7):
        path.write_bytes(whole[:length])
        with pytest.raises(InputError, match=f'^{path} is no readable JSON.*with --out, or delete'):
            read_cell_note(tmp_path)


@pytest.mark.parametrize('content', [b'\xff\xfe', b'{"ended": "\xe4"}', b'nothing'])
def test_what_is_no_text_is_refused(tmp_path, content):
    (tmp_path / NOTE).write_bytes(content)
    with pytest.raises(InputError, match='cell.json is no readable JSON'):
        read_cell_note(tmp_path)


@pytest.mark.parametrize('content', ['[]', 'null', '3', '"ended"', '[{"ended": null}]'])
def test_what_is_no_mapping_is_refused(tmp_path, content):
    (tmp_path / NOTE).write_text(content)
    with pytest.raises(InputError, match='cell.json is no note of a cell: give another folder'):
        read_cell_note(tmp_path)


@pytest.mark.parametrize('key', NEEDED)
def test_a_missing_key_is_named(tmp_path, key):
    note = make_note(GOOD)
    del note[key]
    write_cell_note(tmp_path, note)
    with pytest.raises(InputError, match=f'is no note of a cell, it has no {key}: give another'):
        read_cell_note(tmp_path)


@pytest.mark.parametrize('key', NEEDED)
@pytest.mark.parametrize('value', [{'a': 1}, {}])
def test_a_value_of_another_type_is_named(tmp_path, key, value):
    write_cell_note(tmp_path, make_note(GOOD, **{key: value}))
    with pytest.raises(InputError, match=f'is no note of a cell, it has {key} {{') as error:
        read_cell_note(tmp_path)
    assert str(tmp_path / NOTE) in str(error.value)


def test_a_folder_in_place_of_a_record_is_an_error_of_the_user(tmp_path):
    (tmp_path / NOTE).mkdir()
    with pytest.raises(OSError, match='cell.json cannot be read'):
        read_cell_note(tmp_path)


def test_records_of_older_versions_may_lack_what_only_origins_have(tmp_path):
    note = make_note(GOOD)
    del note['image_weights_sha256']
    write_cell_note(tmp_path, note)
    assert read_cell_note(tmp_path) == note


def test_all_records_are_read_where_all_is_as_it_was(out):
    found = read_cell_notes(out, CELLS, origins())
    assert list(found) == CELLS and all(map(is_finished, found.values()))
    assert found == {cell: make_note(cell) for cell in CELLS}


def test_cells_that_were_not_started_are_left_out(out):
    (out / GOOD_PROBE.folder / NOTE).unlink()
    (out / GOOD_PROBE.folder / 'result.json').unlink()
    assert GOOD_PROBE not in read_cell_notes(out, CELLS, origins())


@pytest.mark.parametrize(
    'key, value',
    [
        ('commit', 'another'),
        ('seed', 7),
        ('version', '0'),
        ('gpus_per_run', 2),
        ('changes_sha256', 'some'),
        ('image_weights_sha256', 'others'),
    ],
)
def test_another_origin_is_named_with_both_values(out, key, value):
    spoil(out, GOOD, **{key: value})
    now = make_origin(GOOD)[key]
    with pytest.raises(InputError, match=f'{key}: {value} stored, {now} now') as error:
        read_cell_notes(out, CELLS, origins())
    assert str(error.value).startswith(f'{out / GOOD.folder / NOTE} is of another run')


def test_a_task_of_another_pretraining_is_refused(out):
    spoil(out, GOOD, checkpoint_sha256='others')
    with pytest.raises(InputError, match='parent_checkpoint_sha256: weights of good') as error:
        read_cell_notes(out, CELLS, origins())
    assert f'others now in {GOOD.folder}' in str(error.value)


@pytest.mark.parametrize('ended', [None, 'gone'])
def test_a_task_whose_pretraining_is_not_finished_is_refused(out, ended):
    if ended is None:
        spoil(out, GOOD, ended=None)
    else:
        (out / GOOD.folder / NOTE).unlink()
    with pytest.raises(InputError, match=f'no finished pretraining now in {GOOD.folder}'):
        read_cell_notes(out, CELLS, origins())


def test_a_finished_task_needs_its_result(out):
    path = out / GOOD_PROBE.folder / 'result.json'
    path.unlink()
    with pytest.raises(MissingFileError, match=str(path)):
        read_cell_notes(out, CELLS, origins())
    write_result_of(out, GOOD_PROBE, ONES, checkpoint_sha256='others')
    with pytest.raises(InputError, match=f'{digest_of(GOOD_PROBE)} in cell.json, others there'):
        read_cell_notes(out, CELLS, origins())


def test_an_unfinished_task_needs_none(out):
    spoil(out, RANDOM_PROBE, ended=None)
    (out / RANDOM_PROBE.folder / 'result.json').unlink()
    found = read_cell_notes(out, CELLS, origins())
    assert not is_finished(found[RANDOM_PROBE])
