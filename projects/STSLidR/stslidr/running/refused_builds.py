"""What libraries raise when they build what a config asks for, as a user's mistake.

`check_components` finds most before anything is built. What it cannot know, such as a learning rate
that an optimiser refuses, is found here, and only there where it is the user's: an error that comes
of the call of a component, not of its inside, or of the inside of one that is not of this project.
"""

from __future__ import annotations

import inspect
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType, TracebackType
from typing import Any

from torch.utils.data import DataLoader

from stslidr.errors import FileAccessError, InputError, MissingFileError, UserError, WorkerDiedError
from stslidr.running.component_arguments import is_ours
from stslidr.running.config_file import OURS

BUILDERS = ('build_from_cfg', 'build_scheduler_from_cfg', 'build_model_from_cfg')
"""mmengine's functions that call a component with the arguments of a config."""
REFUSALS = (TypeError, ValueError, KeyError, AssertionError, AttributeError, ImportError)
"""What constructors raise for arguments that they cannot take."""


@contextmanager
def refusals_as_mistakes(section: str, config: Mapping[str, Any]) -> Iterator[None]:
    """Turn what a config's component refuses, while it is built, into an `InputError`.

    Args:
        section: of the config, such as ``optim_wrapper``.
        config: the whole of it, in which the place of the component is looked for.

    Raises:
        InputError: the arguments of a component are wrong; names its place.
    """
    try:
        yield
    except (MissingFileError, FileAccessError, WorkerDiedError):
        raise
    except UserError as error:
        call = _last_call(error.__traceback__)
        if call is None:
            raise
        raise type(error)(f'{call.place(section, config)}: {error}') from error
    except REFUSALS as error:
        call = _last_call(error.__traceback__)
        if call is None or call.is_fault_of_ours():
            raise
        text = f'{type(error).__name__}: {" ".join(str(error).split())}'
        raise InputError(f'{call.place(section, config)}: {call.name}: {text}') from error


@dataclass(frozen=True)
class _Call:
    """The call of a component with the arguments of a config."""

    component: Any
    settings: Any
    """The dict of the config, with what its builder has added."""
    inside: list[FrameType]
    """From the component's own frame to the one that raised; none if the call itself failed."""

    @property
    def name(self) -> str:
        return getattr(self.component, '__name__', str(self.component))

    def is_fault_of_ours(self) -> bool:
        """Whether code of this project has raised, or a component of it."""
        return bool(self.inside) and (is_ours(self.component) or any(map(_is_of_ours, self.inside)))

    def place(self, section: str, config: Mapping[str, Any]) -> str:
        """Dotted path of the component in a config; the section where there is not one."""
        if not isinstance(self.settings, Mapping):
            return section
        found = [path for path, node in _components(config, '') if _is_part(node, self.settings)]
        found = [path for path in found if path.split('.')[0] in section] or found
        return found[0] if found else section


def _components(node: Any, path: str) -> Iterator[tuple[str, Mapping]]:
    """Each dict with a type under a node, with its dotted path."""
    if isinstance(node, Mapping) and 'type' in node:
        yield path, node
    if isinstance(node, Mapping):
        items = list(node.items())
    else:
        items = list(enumerate(node)) if isinstance(node, list | tuple) else []
    for key, value in items:
        yield from _components(value, f'{path}.{key}'.removeprefix('.'))


def _is_part(node: Mapping, settings: Mapping) -> bool:
    """Whether all that a node holds is in the settings that a component was called with."""
    plain = (int, float, str, bool, type(None), list, tuple, dict)
    return all(
        key in settings and (settings[key] == value or not isinstance(settings[key], plain))
        for key, value in node.items()
    )


def _last_call(trace: TracebackType | None) -> _Call | None:
    """The innermost call of a component on the way to an error."""
    frames = [frame for frame, _ in traceback.walk_tb(trace)]
    for position in reversed(range(len(frames))):
        component = _called_by(frames[position])
        if component is not None:
            settings = frames[position].f_locals.get('cfg')
            return _Call(component, settings, frames[position + 1 :])
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
    return OURS in frame.f_globals.get('__name__', '').split('.')
