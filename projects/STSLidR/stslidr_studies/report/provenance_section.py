"""How to make the study and its report again, and what made each part of it."""

from __future__ import annotations

import shlex
from pathlib import Path

from stslidr.files.synthetic_manifest import SyntheticManifest
from stslidr_studies.report import page
from stslidr_studies.report.finished_study import DIGITS, FinishedStudy, commit_of
from stslidr_studies.report.numbers import GAP
from stslidr_studies.report.page import Section

HEADER = ('method', 'seed', 'step', 'config', 'options', 'checkpoint SHA-256', 'minutes', 'commit')


def describe_provenance(results: FinishedStudy, report: str | Path) -> Section:
    """The section on how to reproduce.

    Args:
        results: of the study.
        report: path of the report, as it was asked for.
    """
    study = results.study
    config = results.config(results.cell(study.baseline, results.probe, results.first_seed))
    root = config.test_dataloader.dataset.data_root
    rows = [
        [
            cell.method,
            str(cell.seed),
            cell.step,
            cell.config,
            ' '.join(f'{key}={value}' for key, value in cell.options.items()) or GAP,
            str(note['checkpoint_sha256'])[:DIGITS],
            f'{note["seconds"] / 60:.1f}',
            commit_of(note),
        ]
        for cell, note in results.notes.items()
    ]
    total = sum(note['seconds'] for note in results.notes.values())
    return Section(
        'reproduce',
        'How to reproduce',
        [
            page.paragraph(
                'The first command goes on where it was stopped, and does nothing where all '
                'is done; the second writes this file.'
            ),
            page.commands(
                [
                    results.command,
                    shlex.join(
                        [
                            'python',
                            'tools/draw_report.py',
                            study.path,
                            '--results',
                            str(results.folder),
                            '--out',
                            str(report),
                            *results.data_words,
                        ]
                    ),
                ]
            ),
            *_describe_synthetic(root),
            page.paragraph(f'All {len(rows)} trainings together took {total / 60:.0f} minutes.'),
            page.fold('What made each part', [page.table(HEADER, rows, text=True)]),
            *_list_changes(results.changed_configs),
        ],
    )


def _list_changes(changed: list[str]) -> list[str]:
    """What the config files say otherwise than when the cells were trained."""
    if not changed:
        return []
    told = page.paragraph(
        'The configs of these cells have changed since they were trained. Models and data are '
        'drawn by the configs of now:'
    )
    return [told, *map(page.paragraph, changed)]


def _describe_synthetic(root: str) -> list[str]:
    manifest = SyntheticManifest.read(root)
    if manifest is None:
        return []
    listed = ', '.join(
        f'{name.replace("_", " ")} {value}' for name, value in manifest.parameters.items()
    )
    return [
        page.paragraph(
            f'Data were made by {manifest.generator}, version '
            f'{manifest.generator_version}, in {root}: {listed}.'
        )
    ]
