"""The opening of the report: what was run, and what came out, in plain words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from mmengine.config import ConfigDict

from stslidr.files.infos import read_infos
from stslidr.files.synthetic_manifest import SyntheticManifest
from stslidr_studies.report import page
from stslidr_studies.report.encoder_words import describe_encoder
from stslidr_studies.report.finished_study import FinishedStudy, gain_of
from stslidr_studies.report.numbers import percent, points, spread
from stslidr_studies.study.study_results import Interval

NO_DIFFERENCE, SMALL = 0.01, 0.05
"""Shares of mIoU below which a difference is called none, or small."""


def write_opening(results: FinishedStudy, method: str) -> list[str]:
    """The opening: data, encoder, headline numbers.

    Args:
        results: of the study.
        method: the pretrained one that the report shows.
    """
    study, task = results.study, results.probe
    shown, baseline = study.methods[method], study.methods[study.baseline]
    scores = {name: results.score(name, task) for name in (method, baseline.name)}
    difference = gain_of(scores[method])
    by_seed = [
        one - other
        for one, other in zip(scores[method]['miou'], scores[baseline.name]['miou'], strict=True)
    ]
    return [
        page.paragraph(
            f'{shown.title} pretrains a LiDAR backbone from cameras, without labels. Then the '
            'backbone is frozen and one linear layer on top of it learns to tell classes apart: a '
            f'linear probe. The same probe on the backbone of {baseline.title} says what '
            'pretraining is worth.'
        ),
        page.tiles(
            [
                (f'{spread(scores[method])} %', f'mIoU, {shown.title}'),
                (f'{spread(scores[baseline.name])} %', f'mIoU, {baseline.title}'),
                (points(difference['mean']), 'points of mIoU that pretraining adds'),
            ]
        ),
        page.paragraph(judge(difference, by_seed)),
        page.paragraph(describe_data(results, method)),
        page.paragraph(describe_encoder(results.config(results.pretraining(method)))),
    ]


def judge(difference: Interval, by_seed: Sequence[float]) -> str:
    """What the difference to the baseline says, in plain words.

    Args:
        difference: ``mean``, ``low`` and ``high``, in shares of mIoU.
        by_seed: the difference of each seed.
    """
    mean = difference['mean']
    if abs(mean) < NO_DIFFERENCE:
        words = f'Pretraining makes next to no difference here: {points(mean)} points.'
    elif mean < 0:
        words = f'Pretraining does harm here: it loses {percent(-mean)} points.'
    else:
        size = 'a small gain' if mean < SMALL else 'a clear gain'
        words = f'Pretraining adds {percent(mean)} points, {size}.'
    return ' '.join([words, *_describe_chance(difference, by_seed)])


def _describe_chance(difference: Interval, by_seed: Sequence[float]) -> Iterator[str]:
    """Sentences on how far other scenes and seeds could have changed a difference."""
    low, high = difference['low'], difference['high']
    several = len(by_seed) > 1
    if high > low:  # one scene alone cannot be resampled
        drawn = 'seeds and held-out scenes' if several else 'the held-out scenes'
        yield f'Resampling {drawn} gives {points(low)} to {points(high)} (95 % interval).'
        if low < 0 < high:
            yield 'That includes 0, so it may be chance.'
    if several:
        yield f'By seed: {", ".join(map(points, by_seed))}.'
        if max(by_seed) > 0 > min(by_seed):
            yield 'The seeds do not agree on the sign.'
    else:
        yield 'That is one run of each; another seed would give other numbers.'


def describe_data(results: FinishedStudy, method: str) -> str:
    """A sentence on each data set: how many scenes and keyframes, and where they are from."""
    probe = results.config(results.cell(method, results.probe, results.first_seed))
    pretraining = results.config(results.pretraining(method))
    counts = [
        (words, *_count(loader.dataset))
        for words, loader in (
            ('pretraining', pretraining.train_dataloader),
            ('the probes', probe.train_dataloader),
            ('the scores', probe.test_dataloader),
        )
    ]
    listed = '; '.join(
        f'{words}: {_count_of(samples, "keyframe")} of {_count_of(scenes, "scene")}'
        for words, samples, scenes in counts
    )
    root = probe.test_dataloader.dataset.data_root
    synthetic = SyntheticManifest.read(root)
    origin = (
        'Data: made up, a synthetic city (docs/synthetic.md)'
        if synthetic
        else f'Data: {probe.test_dataloader.dataset.type} in {root}'
    )
    seeds = ', '.join(map(str, results.study.seeds))
    return f'{origin}. Used for {listed}. Seeds: {seeds}. Commit: {", ".join(results.commits)}.'


def _count(dataset: ConfigDict) -> tuple[int, int]:
    """Samples and scenes of an info file; a data set without names of scenes counts as one."""
    samples = read_infos(Path(dataset.data_root, dataset.ann_file))['data_list']
    if isinstance(dataset.get('indices'), int):
        samples = samples[: dataset.indices]
    return len(samples), len({sample.get('scene_name') for sample in samples})


def _count_of(number: int, thing: str) -> str:
    return f'{number:,} {thing}' + ('' if number == 1 else 's')
