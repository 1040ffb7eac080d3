"""A model under corruptions: passes over the test set, kept one by one, and their table."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import cast

from mmengine.config import ConfigDict
from mmengine.logging import print_log
from terminaltables import AsciiTable

from stslidr.corruptions import robustness_scores as scores
from stslidr.corruptions.corrupt import KINDS
from stslidr.corruptions.profiles import SEVERITIES
from stslidr.datasets.labelled_datasets import record_of
from stslidr.errors import InputError
from stslidr.evaluation.result_file import check_same_run, read_result, write_result
from stslidr.evaluation.result_types import Origin, RobustnessSummary, Scored, StoredResult
from stslidr.text import percent

SEED = 0
"""Of all corruptions; with it, a sweep is corrupted alike in every run."""
KEPT = ('num_samples', 'metrics', 'segmentation', 'corruptions')
"""What an interrupted run leaves to the next one."""

Pass = Callable[[ConfigDict], Scored]


def parse_kinds(text: str) -> tuple[str, ...]:
    """Parse `all`, or names with commas between them, to names of corruptions.

    Raises:
        InputError: if there is no such corruption; names those that there are.
    """
    kinds = KINDS if text == 'all' else tuple(dict.fromkeys(text.split(',')))
    unknown = [kind for kind in kinds if kind not in KINDS]
    if unknown:
        raise InputError(
            f'--corruptions {text}: {unknown[0]!r} is no corruption; there are '
            f'{", ".join(KINDS)}, and all'
        )
    return kinds


def corrupted(dataloader: ConfigDict, kind: str, severity: str) -> ConfigDict:
    """Return a copy of a test loader's config whose sweeps are corrupted as they are loaded.

    Raises:
        InputError: if the data set is not one of ours, or its pipeline loads no labels.
    """
    dataloader = copy.deepcopy(dataloader)
    dataset, pipeline = dataloader.dataset, dataloader.dataset.pipeline
    record = record_of(dataset)
    types = [getattr(step['type'], '__name__', step['type']) for step in pipeline]
    if record is None or 'LoadPointLabels' not in types:
        raise InputError(
            f'--corruptions needs a labelled data set of this project and a pipeline '
            f'with LoadPointLabels; this is {dataset.type} with {", ".join(types)}'
        )
    place = types.index('LoadPointLabels') + 1
    scalings = [
        step
        for step, kind in zip(pipeline[:place], types, strict=False)
        if kind == 'IntensityFeature'
    ]
    intensity = scalings[0] if scalings else ConfigDict()
    pipeline.insert(
        place,
        ConfigDict(
            type='CorruptSweep',
            kind=kind,
            severity=severity,
            seed=SEED,
            profile=record.name,
            intensity_scale=intensity.get('scale', 1.0),
            intensity_offset=intensity.get('offset', 0.0),
        ),
    )
    return dataloader


class RobustnessTest:
    """Scores on the clear sweeps and under each corruption in three severities.

    Args:
        path: result file, written after every pass; passes that it already holds, those on clear
            sweeps among them, are not made again.
        origin: what `describe_run` returns for this run.
        kinds: names of corruptions.
        baseline: result file of another model under these corruptions; None for none.

    Raises:
        MissingFileError: if there is no such baseline.
        InputError: if the file holds results of another run, or the baseline lacks one of these
            corruptions, or is of another data set or seed.
    """

    def __init__(
        self,
        path: str | Path,
        origin: Origin,
        kinds: Sequence[str],
        baseline: str | Path | None = None,
    ) -> None:
        self.path = Path(path)
        self.kinds = tuple(kinds)
        self.result: StoredResult = {**origin, 'corruption_seed': SEED, 'corruptions': {}}
        if self.path.exists():
            stored = read_result(self.path)
            check_same_run(self.path, stored, self.result)
            kept = {key: value for key, value in stored.items() if key in KEPT}
            self.result = cast('StoredResult', {**self.result, **kept})
        self.baseline = None if baseline is None else self._read_baseline(Path(baseline))

    def run(self, score: Pass, dataloader: ConfigDict) -> None:
        """Make all passes that are still to make, the one on clear sweeps first.

        Args:
            score: goes over the sweeps of a loader once; returns what a result stores of it,
                ``num_samples``, ``metrics`` and ``segmentation``.
            dataloader: config of the test set's loader.

        Raises:
            InputError: if the data have no labels or no `PointSegMetric` scores them, or the
                baseline was scored on another number of sweeps or of labelled points.
        """
        cells = [(kind, severity) for kind in self.kinds for severity in SEVERITIES]
        waiting = [
            (kind, severity, corrupted(dataloader, kind, severity))
            for kind, severity in cells
            if severity not in self.result['corruptions'].get(kind, {})
        ]
        print_log(
            f'{len(cells)} corrupted passes, {len(waiting)} of them to make', logger='current'
        )
        if 'segmentation' not in self.result:
            self._store_clean(score(dataloader))
        self._check_same_sweeps()
        began = time.monotonic()
        for made, (kind, severity, loader) in enumerate(waiting):
            minutes = (time.monotonic() - began) / 60 / max(made, 1) * (len(waiting) - made)
            print_log(
                f'pass {made + 1} of {len(waiting)}: {kind}, {severity}'
                + f'; about {minutes:.0f} min left' * bool(made),
                logger='current',
            )
            self.result['corruptions'].setdefault(kind, {})[severity] = score(loader)
            write_result(self.path, self.result)

    def summarise(self) -> str:
        """Add resilience rates and corruption errors to the result, write it, return its table.

        Raises:
            InputError: if they are not defined, as for a clean mIoU of 0.
        """
        results = miou_by_cell(self.result, self.kinds)
        clean = miou_of(self.result)
        summary: RobustnessSummary = {
            'corruptions': list(self.kinds),
            'resilience_rates': scores.resilience_rates(results, clean),
            'mean_resilience_rate': scores.mean_resilience_rate(results, clean),
        }
        if self.baseline is not None:
            base = miou_by_cell(self.baseline, self.kinds)
            summary['baseline'] = self.baseline['checkpoint']
            summary['baseline_sha256'] = self.baseline['checkpoint_sha256']
            summary['corruption_errors'] = scores.corruption_errors(results, base)
            summary['mean_corruption_error'] = scores.mean_corruption_error(results, base)
        self.result['summary'] = summary
        write_result(self.path, self.result)
        return table_of(clean, results, summary)

    def _read_baseline(self, path: Path) -> StoredResult:
        baseline = read_result(path)
        for key in ('dataset', 'corruption_seed'):
            if baseline.get(key) != self.result[key]:
                raise InputError(
                    f'baseline {path} has {key} {baseline.get(key)}, this run '
                    f'{self.result[key]}: the two do not compare'
                )
        try:
            miou_by_cell(baseline, self.kinds)
            size_of(baseline)
        except KeyError as error:
            raise InputError(
                f'baseline {path} has no result under {error.args[0]}: run '
                'tools/test.py --corruptions for that model first'
            ) from error
        return baseline

    def _store_clean(self, scored: Scored) -> None:
        if 'segmentation' not in scored:
            raise InputError(
                '--corruptions needs the scores of a PointSegMetric: add one to test_evaluator'
            )
        self.result = {**self.result, **scored}
        write_result(self.path, self.result)

    def _check_same_sweeps(self) -> None:
        if self.baseline is None:
            return
        then, now = size_of(self.baseline), size_of(self.result)
        if then != now:
            raise InputError(
                f'the baseline was scored on {then[0]} sweeps with {then[1]:,} '
                f'labelled points, this model on {now[0]} with {now[1]:,}: the two '
                'do not compare'
            )


def miou_of(scored: Scored | StoredResult) -> float:
    """The mIoU over all points of one pass, from 0 to 1."""
    return scored['segmentation']['all']['miou']


def size_of(result: StoredResult) -> tuple[int, int]:
    """How many clear sweeps a result was scored on, and how many labelled points they have."""
    return result['num_samples'], result['segmentation']['all']['num_points']


def miou_by_cell(result: StoredResult, kinds: Sequence[str]) -> dict[str, dict[str, float]]:
    """The mIoU of each severity of each corruption, as the published rates take them.

    Raises:
        UnknownKeyError: with a corruption or severity that the result lacks.
    """
    cells = result.get('corruptions', {})
    return {
        kind: {severity: miou_of(cells[kind][severity]) for severity in SEVERITIES}
        for kind in kinds
    }


def table_of(
    clean: float, results: Mapping[str, Mapping[str, float]], summary: RobustnessSummary
) -> str:
    """One row for the clear sweeps, one for each corruption, one of means; all in %."""
    errors = summary.get('corruption_errors')
    rows = [
        [
            '%',
            *(f'mIoU {severity}' for severity in SEVERITIES),
            'resilience rate',
            *(['corruption error'] if errors else []),
        ]
    ]
    rows.append(['clean', percent(clean), *[''] * (len(rows[0]) - 2)])
    for kind, levels in results.items():
        rates = [summary['resilience_rates'][kind], *([errors[kind]] if errors else [])]
        rows.append(
            [kind, *(percent(levels[severity]) for severity in SEVERITIES), *map(percent, rates)]
        )
    means = [summary['mean_resilience_rate']]
    means += [summary['mean_corruption_error']] if errors else []
    rows.append(['mean', *[''] * len(SEVERITIES), *map(percent, means)])
    return f'\n{AsciiTable(rows).table}'
