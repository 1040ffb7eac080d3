"""Transforms that do nothing, where a pipeline needs one of their phase."""

from __future__ import annotations

from collections.abc import Callable

from stslidr.datasets.pipeline import Phase


def idle(phase: str) -> Callable[[dict], dict]:
    """A transform that has a phase and does nothing."""
    return type(phase, (), {'phase': Phase[phase], '__call__': lambda self, sample: sample})()


def idle_pipeline() -> list[Callable[[dict], dict]]:
    """The phases that every pipeline needs, none of which does anything."""
    return [idle(phase) for phase in ('LOAD', 'PAIR', 'VOXELIZE', 'PACK')]
