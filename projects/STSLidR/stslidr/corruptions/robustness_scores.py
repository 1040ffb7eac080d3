"""Resilience rate and corruption error, as published with nuScenes-C (Robo3D, ICCV 2023).

Results are {corruption: {severity: mIoU}}, mIoU from 0 to 1. Over the severities l of corruption i:

    RR_i = sum_l mIoU_il / (3 mIoU_clean)                   the higher the better
    CE_i = sum_l (1 - mIoU_il) / sum_l (1 - mIoU^base_il)   the lower the better

mRR and mCE are their means over the corruptions. Published tables give all of them in per cent.
"""

from __future__ import annotations

from collections.abc import Mapping
from statistics import fmean

from stslidr.corruptions.profiles import SEVERITIES
from stslidr.errors import InputError

Results = Mapping[str, Mapping[str, float]]


def resilience_rates(results: Results, clean: float) -> dict[str, float]:
    """RR of each corruption.

    Args:
        results: of the model, all three severities of each corruption.
        clean: mIoU of the same model on the clear sweeps.

    Raises:
        InputError: if there are no results, a severity is missing or unknown, or a value is no
            number from 0 to 1, or `clean` is 0.
    """
    check_results(results)
    check_score(clean, 'the clean mIoU')
    if clean == 0:
        raise InputError('the clean mIoU is 0, to which no resilience rate can relate')
    return {kind: fmean(levels.values()) / clean for kind, levels in results.items()}


def corruption_errors(results: Results, baseline: Results) -> dict[str, float]:
    """CE of each corruption of `results`.

    Args:
        results: of the model, all three severities of each corruption.
        baseline: of the model it is compared with; it may hold more corruptions.

    Raises:
        InputError: as in `resilience_rates`, for either; if the baseline lacks a corruption, or
            makes no error under one.
    """
    check_results(results)
    check_results(baseline)
    missing = [kind for kind in results if kind not in baseline]
    if missing:
        raise InputError(f'the baseline has no results for {", ".join(missing)}')
    return {kind: _corruption_error(kind, results[kind], baseline[kind]) for kind in results}


def mean_resilience_rate(results: Results, clean: float) -> float:
    """mRR: mean of `resilience_rates` over the corruptions."""
    return fmean(resilience_rates(results, clean).values())


def mean_corruption_error(results: Results, baseline: Results) -> float:
    """mCE: mean of `corruption_errors` over the corruptions."""
    return fmean(corruption_errors(results, baseline).values())


def check_results(results: Results) -> None:
    """Refuse results over which the published means are not defined.

    Raises:
        InputError: see `resilience_rates`.
    """
    if not results:
        raise InputError('there are no results of any corruption')
    for kind, levels in results.items():
        if set(levels) != set(SEVERITIES):
            raise InputError(
                f'{kind}: the means are over the severities {", ".join(SEVERITIES)}, there are '
                f'{", ".join(levels) or "none"}'
            )
        for severity, score in levels.items():
            check_score(score, f'{kind}, {severity}: mIoU')


def check_score(score: float, name: str) -> None:
    """Refuse what is no number from 0 to 1, such as per cent and NaN.

    Raises:
        InputError: with its name.
    """
    if not 0 <= score <= 1:
        raise InputError(f'{name} {score} is not from 0 to 1')


def _corruption_error(
    kind: str, levels: Mapping[str, float], baseline: Mapping[str, float]
) -> float:
    error = sum(1 - score for score in baseline.values())
    if error == 0:
        raise InputError(f'{kind}: the baseline makes no error, to which another could relate')
    return sum(1 - score for score in levels.values()) / error
