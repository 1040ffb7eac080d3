"""What libraries raise when they build what a config asks for, as a user's mistake.

`check_components` finds most before anything is built. What it cannot know, such as a learning rate
that an optimiser refuses, is found here, and only there where it is the user's: an error that comes
of the call of a component, not of its inside, or of the inside of one that is not of this project.
"""

from __future__ import annotations

import inspect
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import Any

from torch.utils.data import DataLoader

from stslidr.errors import InputError, UserError
from stslidr.running.component_arguments import is_ours

BUILDERS = ('build_from_cfg', 'build_scheduler_from_cfg', 'build_model_from_cfg')
"""mmengine's functions that call a component with the arguments of a config."""
REFUSALS = (TypeError, ValueError, KeyError, AssertionError, AttributeError, ImportError)
"""What constructors raise for arguments that they cannot take."""


@contextmanager
def refusals_as_mistakes(section: str) -> Iterator[None]:
    """Turn what a config's component refuses, while it is built, into an `InputError`.

    Args:
        section: of the config, such as ``optim_wrapper``.

    Raises:
        InputError: the arguments of a component are wrong; names section and component.
    """
    try:
        yield
    except UserError:
        raise
    except REFUSALS as error:
        refused = _refused_component(error.__traceback__)
        if refused is None:
            raise
        text = ' '.join(str(error).split())
        raise InputError(f'{section}: {refused}: {type(error).__name__}: {text}') from error


def _refused_component(trace: TracebackType | None) -> str | None:
    """Name of the component that was called wrongly, None if the error is of another kind."""
    frames = [frame for frame, _ in traceback.walk_tb(trace)]
    for position in reversed(range(len(frames))):
        component = _called_by(frames[position])
        if component is not None:
            inside = frames[position + 1 :]
            if inside and is_ours(component) or any(map(_is_of_ours, inside)):
                return None
            return getattr(component, '__name__', str(component))
    return None


def _called_by(frame: FrameType) -> Any:
    """What one of mmengine's builders, or torch's loader, was about to make in a frame."""
    name, known = frame.f_code.co_name, frame.f_locals
    if name in BUILDERS and frame.f_globals['__name__'].startswith('mmengine.'):
        component = known.get('obj_cls', known.get('scheduler_cls'))
        return known.get('obj_type', 'a component') if component is None else component
    if inspect.getmodule(frame.f_code) is inspect.getmodule(DataLoader) and name == '__init__':
        return DataLoader
    return None


def _is_of_ours(frame: FrameType) -> bool:
    return 'stslidr' in frame.f_globals.get('__name__', '').split('.')
