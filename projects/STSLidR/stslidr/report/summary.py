"""The opening of the report: what was run, and what came out, in plain words."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from mmengine.config import ConfigDict

from stslidr.files.infos import read_infos
from stslidr.files.synthetic_manifest import SyntheticManifest
from stslidr.report import page
from stslidr.report.encoder_words import describe_encoder
from stslidr.report.finished_study import FinishedStudy
from stslidr.report.scores import read_scores, spread

NO_DIFFERENCE, SMALL = 1.0, 5.0
"""Points of mIoU below which a difference is called none, or small."""


def summarise(results: FinishedStudy, method: str) -> list[str]:
    """The opening: data, encoder, headline numbers.

    Args:
        results: of the study.
        method: the pretrained one that the report shows.
    """
    study, task = results.study, results.probe
    shown, baseline = study.methods[method], study.methods[study.baseline]
    scores = {name: read_scores(results, name, task).miou for name in (method, baseline.name)}
    gain = scores[method] - scores[baseline.name]
    return [
        page.paragraph(
            f'{shown.title} pretrains a LiDAR backbone from cameras, without labels. Then the '
            'backbone is frozen and one linear layer on top of it learns to tell classes apart: a '
            f'linear probe. The same probe on the backbone of {baseline.title} says what '
            'pretraining is worth.'),
        page.tiles([
            (f'{spread(scores[method])} %', f'mIoU, {shown.title}'),
            (f'{spread(scores[baseline.name])} %', f'mIoU, {baseline.title}'),
            (_signed(gain.mean()), 'points of mIoU that pretraining adds'),
        ]),
        page.paragraph(judge(gain)),
        page.paragraph(describe_data(results, method)),
        page.paragraph(describe_encoder(results.config(results.pretraining(method)))),
    ]


def judge(gain: np.ndarray) -> str:
    """What a gain says, in plain words.

    Args:
        gain: points of mIoU, (seeds,).
    """
    mean = float(gain.mean())
    if abs(mean) < NO_DIFFERENCE:
        words = f'Pretraining makes next to no difference here: {_signed(mean)} points.'
    elif mean < 0:
        words = f'Pretraining does harm here: it loses {-mean:.1f} points.'
    else:
        size = 'a small gain' if mean < SMALL else 'a clear gain'
        words = f'Pretraining adds {mean:.1f} points, {size}.'
    if len(gain) == 1:
        return words + ' That is one run of each; another seed would give other numbers.'
    by_seed = ', '.join(map(_signed, gain))
    if (gain > 0).any() and (gain < 0).any():
        return f'{words} The {len(gain)} seeds do not agree on the sign: {by_seed}.'
    return f'{words} By seed: {by_seed}.'


def describe_data(results: FinishedStudy, method: str) -> str:
    """A sentence on each data set: how many scenes and keyframes, and where they are from."""
    probe = results.config(results.cell(method, results.probe, results.first_seed))
    pretraining = results.config(results.pretraining(method))
    counts = [(words, *_count(loader.dataset)) for words, loader in (
        ('pretraining', pretraining.train_dataloader),
        ('the probes', probe.train_dataloader),
        ('the scores', probe.test_dataloader))]
    listed = '; '.join(f'{words}: {samples:,} keyframes of {scenes:,} scenes'
                       for words, samples, scenes in counts)
    root = probe.test_dataloader.dataset.data_root
    synthetic = SyntheticManifest.read(root)
    origin = ('Data: made up, a synthetic city (docs/synthetic.md)' if synthetic
              else f'Data: {probe.test_dataloader.dataset.type} in {root}')
    seeds = ', '.join(map(str, results.study.seeds))
    return f'{origin}. Used for {listed}. Seeds: {seeds}.'


def _count(dataset: ConfigDict) -> tuple[int, int]:
    """Samples and scenes of an info file; a data set without names of scenes counts as one."""
    samples = read_infos(Path(dataset.data_root, dataset.ann_file))['data_list']
    if isinstance(dataset.get('indices'), int):
        samples = samples[:dataset.indices]
    return len(samples), len({sample.get('scene_name') for sample in samples})


def _signed(points: float) -> str:
    return f'{points:+.1f}'.replace('-', '−')
