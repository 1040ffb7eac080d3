"""Results of a study that nothing was trained for, against loops over scenes, seeds and classes."""

import json
from itertools import pairwise

import numpy as np
import pytest

from stslidr.errors import InputError, MissingFileError
from stslidr.files.json_file import read_json, write_json
from stslidr_studies.study.bootstrap import RESAMPLES
from stslidr_studies.study.cells import enumerate_cells
from stslidr_studies.study.results import TaskScore, read_scores, summarise_study
from stslidr_studies.study.study_file import LabelSaving
from stslidr_studies.study.tables import write_markdown
from support.made_up_cells import (
    CLASSES,
    SCENES,
    draw_confusion,
    make_note,
    make_notes,
    make_study,
    write_result_of,
    write_results,
)

STUDY = make_study(compare=(('good', 'random'), ('good', 'probed')))
CELLS = {(cell.method, cell.step, cell.seed): cell for cell in enumerate_cells(STUDY)}
PROBE = CELLS['random', 'probe', 0]


def summarise(out, study=STUDY, notes=None):
    notes = make_notes(study) if notes is None else notes
    cells = list(notes) if study is not STUDY else list(CELLS.values())
    by_name = {cell.name: note for cell, note in notes.items()}
    notes = {cell: by_name[cell.name] for cell in cells if cell.name in by_name}
    return summarise_study(study, cells, notes, read_scores(out, cells, notes))


def iou_of(matrices):
    """IoU of each class by counting, None for a class without a point."""
    total = [[sum(m[i][j] for m in matrices) for j in range(3)] for i in range(3)]
    found = []
    for k in range(3):
        union = sum(total[k]) + sum(row[k] for row in total) - total[k][k]
        found.append(total[k][k] / union if union else None)
    return found


def miou_of(matrices):
    known = [value for value in iou_of(matrices) if value is not None]
    return sum(known) / len(known)


def test_scores_are_those_of_the_loop(tmp_path):
    drawn = {cell.name: matrices for cell, matrices in write_results(tmp_path, STUDY).items()}
    found = summarise(tmp_path)
    for method in STUDY.methods.values():
        assert list(found['scores'][method.name]) == list(method.tasks)
        for task in method.tasks:
            score = found['scores'][method.name][task]
            runs = [list(drawn[f'{method.name} seed {seed} {task}'].values()) for seed in (0, 1)]
            values = [miou_of(run) for run in runs]
            assert score['seeds'] == [0, 1] and score['miou'] == pytest.approx(values)
            assert score['mean'] == pytest.approx(sum(values) / 2)
            assert score['std'] == pytest.approx(abs(values[0] - values[1]) / 2**0.5)
            assert score['low'] <= score['mean'] <= score['high']
            for number, name in enumerate(CLASSES):
                single = [iou_of(run)[number] for run in runs]
                assert score['iou'][name] == pytest.approx(sum(single) / 2)
            if method.name == 'random':
                assert score['difference'] is None
            else:
                base = found['scores']['random'][task]
                assert score['difference']['mean'] == pytest.approx(score['mean'] - base['mean'])
                assert score['difference']['seeds'] == [0, 1]


def test_equal_runs_differ_by_nothing(tmp_path):
    """All scenes, seeds and methods alike: every resample gives the same."""
    matrix = [[5, 1, 0], [2, 7, 1], [0, 0, 9]]
    for cell in CELLS.values():
        if cell.is_task:
            write_result_of(tmp_path, cell, dict.fromkeys(SCENES, matrix))
    found = summarise(tmp_path)
    for scores in found['scores'].values():
        for score in scores.values():
            assert score['low'] == pytest.approx(score['high']) == score['mean']
            assert score['std'] == pytest.approx(0)
    for pair in found['comparisons']:
        for difference in pair['tasks'].values():
            assert [difference[key] for key in ('mean', 'low', 'high')] == pytest.approx([0] * 3)


def test_better_in_every_scene_is_better_in_every_resample(tmp_path):
    for cell in CELLS.values():
        if cell.is_task:
            wrong = 9 if cell.method == 'random' else 1
            matrix = np.full((3, 3), wrong) + 10 * np.eye(3, dtype=int)
            write_result_of(tmp_path, cell, dict.fromkeys(SCENES, matrix.tolist()))
    found = summarise(tmp_path)
    for task in ('probe', 'one'):
        assert found['scores']['good'][task]['difference']['low'] > 0
    good, same = found['comparisons']
    assert good['tasks']['probe']['low'] > 0 and same['tasks']['probe']['mean'] == pytest.approx(0)
    assert list(same['tasks']) == ['probe'], 'the task that both run'


def test_a_class_that_never_occurs_has_no_score(tmp_path):
    for cell in CELLS.values():
        if cell.is_task:
            write_result_of(
                tmp_path, cell, dict.fromkeys(SCENES, [[3, 0, 1], [0, 0, 0], [1, 0, 4]])
            )
    found = summarise(tmp_path)
    score = found['scores']['good']['probe']
    assert score['iou']['bus'] is None and score['iou']['car'] == pytest.approx(3 / 5)
    assert score['mean'] == pytest.approx((3 / 5 + 4 / 6) / 2)
    assert '| bus | – | – | – |' in write_markdown(STUDY, found)


def test_seeds_that_are_missing_are_left_out(tmp_path):
    write_results(tmp_path, STUDY)
    notes = make_notes(STUDY)
    for cell in list(notes):
        if cell.seed == 1 and cell.method == 'random':
            notes[cell] = {**notes[cell], 'ended': None}
        if cell.method == 'probed':
            del notes[cell]
    found = summarise(tmp_path, notes=notes)
    assert not found['complete'] and found['scores']['probed'] == {'probe': None}
    assert found['scores']['random']['one']['seeds'] == [0]
    assert found['scores']['random']['one']['std'] is None, 'of a single seed'
    assert found['scores']['good']['one']['seeds'] == [0, 1]
    assert found['scores']['good']['one']['difference']['seeds'] == [0], 'that both have'
    assert found['comparisons'][1]['tasks'] == {'probe': None}
    states = {cell['folder']: cell['state'] for cell in found['cells']}
    assert states['runs/random/seed1/one'] == 'unfinished'
    assert states['runs/probed/seed0/pretrain'] == 'missing'
    assert states['runs/good/seed1/pretrain'] == 'finished'
    text = write_markdown(STUDY, found)
    assert text.startswith('# Made up\n\n8 of 14 cells are finished.')
    assert '(1 of 2 seeds)' in text and '| Probed | – | – |' in text


def test_nothing_has_run_yet(tmp_path):
    found = summarise(tmp_path, notes={})
    assert not found['complete'] and len(found['cells']) == 14
    assert all(score is None for scores in found['scores'].values() for score in scores.values())
    assert found['tasks']['one']['label_split'] is None
    text = write_markdown(STUDY, found)
    assert '0 of 14 cells are finished' in text and '## Classes' not in text
    assert '| random | 0 | probe | missing |' in text


def test_cells_repeat_their_notes(tmp_path):
    write_results(tmp_path, STUDY)
    found = summarise(tmp_path)
    for cell, described in zip(CELLS.values(), found['cells'], strict=True):
        note = make_note(cell)
        for key in set(described) - {'folder', 'state', 'miou', *('method', 'seed', 'step')}:
            assert described[key] == note[key], key
        assert (described['miou'] is None) == (not cell.is_task)
        assert not {'settings', 'data', 'commands'} & set(described)


def test_records_of_an_earlier_version_may_lack_keys(tmp_path):
    write_results(tmp_path, STUDY)
    notes = make_notes(STUDY)
    for note in notes.values():
        del note['image_weights_sha256'], note['gpus_per_run']
    (cell, *_) = summarise(tmp_path, notes=notes)['cells']
    assert cell['image_weights_sha256'] is None and cell['gpus_per_run'] is None


def test_the_results_are_json_and_come_back(tmp_path):
    write_results(tmp_path, STUDY)
    found = summarise(tmp_path)
    write_json(tmp_path / 'results.json', found)
    assert read_json(tmp_path / 'results.json') == found
    text = (tmp_path / 'results.json').read_text()
    assert text == json.dumps(found, indent=1, allow_nan=False) + '\n'
    assert found['interval']['resamples'] == RESAMPLES and found['seeds'] == [0, 1]
    order = list(json.loads(text))
    assert order[:4] == ['title', 'study', 'baseline', 'seeds'] and order[-1] == 'cells'


def test_a_task_was_trained_on_one_label_split(tmp_path):
    write_results(tmp_path, STUDY)
    notes = make_notes(STUDY)
    odd = next(cell for cell in notes if cell.name == 'good seed 1 one')
    notes[odd] = {**notes[odd], 'label_split_sha256': 'another'}
    with pytest.raises(InputError, match='cells of task one were trained on different label spli'):
        summarise(tmp_path, notes=notes)


def test_labels_saved_wait_for_the_whole_curve(tmp_path):
    study = make_study(label_saving=LabelSaving('one', ('one', 'probe')))
    write_results(tmp_path, study)
    notes = make_notes(study)
    for cell in notes:
        if cell.step == 'probe':
            notes[cell] = {**notes[cell], 'label_split': '100pct'}
    saved = summarise(tmp_path, study, notes)['label_saving']
    assert [point['fraction'] for point in saved['curve']] == [0.01, 1.0]
    assert list(saved['methods']) == ['good'] and len(saved['methods']['good']['seeds']) == 2
    without = {cell: r for cell, r in notes.items() if (cell.method, cell.step) != NOT_YET}
    assert summarise(tmp_path, study, without)['label_saving'] is None
    own = {cell: r for cell, r in notes.items() if (cell.method, cell.step) != ('good', 'one')}
    assert summarise(tmp_path, study, own)['label_saving']['methods'] == {}


NOT_YET = ('random', 'probe')


def test_scenes_are_sorted_whatever_the_files_order(tmp_path):
    drawn = draw_confusion(np.random.default_rng(1))
    backwards = dict(reversed(drawn.items()))
    one = TaskScore.read(write_result_of(tmp_path, PROBE, drawn))
    other = TaskScore.read(write_result_of(tmp_path, PROBE, backwards))
    assert one.scenes == other.scenes == SCENES and one.classes == CLASSES
    assert (one.confusion == other.confusion).all() and one.miou == other.miou
    assert one.confusion.tolist() == [drawn[scene] for scene in SCENES]
    assert one.miou == pytest.approx(miou_of(list(drawn.values())))


GOOD = [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
DAMAGED = {
    'no scenes': ({}, 'has no segmentation.confusion'),
    'a scene that is cut': ({'a': GOOD, 'b': GOOD[:2]}, 'is damaged in its segmentation'),
    'a row that is cut': ({'a': [[1, 0], [0, 1, 0], [0, 0, 1]]}, 'is damaged in its segmentation'),
    'a word': ({'a': [['many', 0, 0], *GOOD[1:]]}, 'is damaged in its segmentation'),
    'nothing': ({'a': None}, 'is damaged'),
    'fewer classes': ({'a': [[1, 0], [0, 1]]}, 'holds no counts of 3 by 3 classes'),
    'a number alone': ({'a': 3}, 'holds no counts of 3 by 3 classes'),
    'less than nothing': ({'a': [[-1, 0, 0], *GOOD[1:]]}, 'holds no counts of 3 by 3 classes'),
    'no point': ({'a': [[0] * 3] * 3}, 'no point of the held-out scenes has a label'),
    'a list': ([GOOD], 'is damaged in its segmentation'),
}


@pytest.mark.parametrize('case', DAMAGED)
def test_a_damaged_confusion_matrix_is_named(tmp_path, case):
    confusion, message = DAMAGED[case]
    path = write_result_of(tmp_path, PROBE, confusion)
    with pytest.raises(InputError, match=message) as error:
        TaskScore.read(path)
    assert str(path) in str(error.value)


@pytest.mark.parametrize(
    'segmentation', [None, [], 'text', {}, {'all': {'iou': {}}}, {'confusion': {'a': GOOD}}]
)
def test_a_result_without_scores_is_named(tmp_path, segmentation):
    path = write_result_of(tmp_path, PROBE, {}, segmentation=segmentation)
    with pytest.raises(InputError, match=str(path)):
        TaskScore.read(path)


def test_a_result_that_is_cut_off_or_gone_is_named(tmp_path):
    path = write_result_of(tmp_path, PROBE, {'a': GOOD})
    text = path.read_text()
    for length in (0, 1, 30, len(text) - 1):
        path.write_text(text[:length])
        with pytest.raises(InputError, match=f'{path} is no readable JSON'):
            TaskScore.read(path)
    path.unlink()
    with pytest.raises(MissingFileError, match=str(path)):
        TaskScore.read(path)


@pytest.mark.parametrize('change', ['scenes', 'classes'])
def test_cells_of_a_task_are_scored_alike(tmp_path, change):
    write_results(tmp_path, STUDY)
    odd = CELLS['good', 'one', 1]
    drawn = draw_confusion(np.random.default_rng(3))
    if change == 'scenes':
        drawn['z'] = drawn.pop('d')
        path = write_result_of(tmp_path, odd, drawn)
    else:
        other = {'all': {'iou': dict.fromkeys(('car', 'bus', 'lane'))}, 'confusion': drawn}
        path = write_result_of(tmp_path, odd, drawn, segmentation=other)
    with pytest.raises(InputError, match='on other scenes or classes') as error:
        summarise(tmp_path)
    assert str(path) in str(error.value)


def tables_of(text):
    """The Markdown tables of a text: lists of rows of cells."""
    lines, tables = text.splitlines(), []
    for before, line in pairwise(['', *lines]):
        if line.startswith('|'):
            if not before.startswith('|'):
                tables.append([])
            tables[-1].append([cell.strip() for cell in line[1:-1].split(' | ')])
    return tables


def test_tables_are_whole(tmp_path):
    """Each row of each table has as many cells as its head."""
    write_results(tmp_path, STUDY)
    tables = tables_of(write_markdown(STUDY, summarise(tmp_path)))
    assert len(tables) == 5
    for table in tables:
        assert len({len(row) for row in table}) == 1 and set(table[1]) == {'--'}
    scores, differences, pairs, classes, cells = tables
    assert [row[0] for row in scores[2:]] == ['Random', 'Good', 'Probed']
    assert differences[2][1:] == ['–', '–'], 'the baseline to itself'
    assert [row[0] for row in pairs[2:]] == ['Good − Random', 'Good − Probed']
    assert [row[0] for row in classes[2:]] == [*CLASSES, 'mIoU']
    assert len(cells) == 2 + len(CELLS)


def test_what_made_a_cell_stands_in_its_row(tmp_path):
    write_results(tmp_path, STUDY)
    notes = make_notes(STUDY)
    for cell in notes:
        notes[cell] = {**notes[cell], 'commit': 'c' * 40, 'changes_sha256': 'd' * 64}
    rows = tables_of(write_markdown(STUDY, summarise(tmp_path, notes=notes)))[-1]
    (row,) = (row for row in rows if row[:3] == ['good', '0', 'pretrain'])
    assert row[3:7] == ['–', '1.0', '`pretrain.py`', '`model.width=8`']
    assert row[-1] == 'c' * 12 + ' with changes ' + 'd' * 12
    plain = tables_of(write_markdown(STUDY, summarise(tmp_path)))[-1]
    assert {row[-1] for row in plain[2:]} == {'version 1'}
    (task,) = (row for row in plain if row[:3] == ['random', '1', 'one'])
    assert task[8] == '1pct split' and task[6] == '–'
