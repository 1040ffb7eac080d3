"""Readers of study files, notes, scores and logs."""

import pytest

from stslidr.evaluation.result_file import check_same_run, read_result
from stslidr.files.synthetic_manifest import SyntheticManifest
from stslidr_studies.report.finished_study import FinishedStudy
from stslidr_studies.report.training_log import read_log
from stslidr_studies.study.cells import enumerate_cells
from stslidr_studies.study.results import TaskScore
from stslidr_studies.study.study_file import read_study
from support.fuzzing import as_bytes, as_json, as_yaml, fuzz

CELL = 'results/runs/stslidr/seed0'


@pytest.mark.parametrize('change', [as_bytes, as_yaml])
def test_study_files(study_world, change):
    path = study_world / 'study.yaml'
    assert fuzz(path, change, lambda: enumerate_cells(read_study(path)))[1]


@pytest.mark.parametrize('change', [as_bytes, as_json])
@pytest.mark.parametrize('name', ['pretrain/cell.json', 'probe/cell.json', 'probe/result.json'])
def test_notes_and_scores(study_world, name, change):
    study = read_study(study_world / 'study.yaml')

    def read():
        finished = FinishedStudy(study, study_world / 'results')
        assert finished.command and finished.commits is not None
        finished.score('stslidr', 'probe')
        finished.labelled_points('probe')

    assert sum(fuzz(study_world / CELL / name, change, read))


@pytest.mark.parametrize('change', [as_bytes, as_json])
def test_scores_alone(study_world, change):
    path = study_world / CELL / 'probe/result.json'
    whole = read_result(path)

    def read():
        check_same_run(path, read_result(path), whole)
        assert 0 <= TaskScore.read(path).miou <= 1

    assert fuzz(path, change, read)[1]


def test_logs(study_world):
    (path,) = (study_world / CELL / 'pretrain').rglob('scalars.json')
    assert sum(fuzz(path, as_bytes, lambda: read_log(study_world / CELL / 'pretrain')))


@pytest.mark.parametrize('change', [as_bytes, as_json])
def test_manifests_of_the_city(study_world, change):
    manifest = SyntheticManifest({'seed': 1, 'scenes': 3})
    manifest.write(study_world.root)
    (path,) = [
        p for p in study_world.root.iterdir() if 'manifest' in p.name or 'synthetic' in p.name
    ]
    assert fuzz(
        path, change, lambda: SyntheticManifest.read(study_world.root).differences(manifest)
    )
