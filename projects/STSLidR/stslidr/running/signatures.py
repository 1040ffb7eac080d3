"""What a component's constructor takes: names of arguments, those required, and their types."""

from __future__ import annotations

import inspect
import numbers
import types
import typing
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Union, get_args, get_origin

from torch import Tensor

POSITIONAL = inspect.Parameter.VAR_POSITIONAL
KEYWORDS = inspect.Parameter.VAR_KEYWORD

NUMBERS_BY_DEFAULT = ('mmengine.', 'torch.optim.')
"""Libraries whose arguments take numbers alone where their default is one."""


@dataclass(frozen=True)
class Signature:
    """The arguments of a constructor by name."""

    names: frozenset[str]
    required: frozenset[str]
    """Those without a default."""
    hints: Mapping[str, Any]
    """The types of those that have one."""
    takes_any: bool
    """Whether further names are taken, by ``**kwargs`` that lead to no known signature."""


def signature_of(component: Callable, follow: bool) -> Signature:
    """The arguments that a component takes.

    Args:
        component: a class or a function.
        follow: whether a class's ``**kwargs`` go to the next constructor in its method resolution
            order, as they do in this project. Otherwise what takes ``**kwargs`` takes anything,
            but where all arguments are passed on (``*args, **kwargs``).
    """
    names: dict[str, bool] = {}
    hints: dict[str, Any] = {}
    constructors = _constructors(component)
    for function in constructors:
        parameters = list(inspect.signature(function).parameters.values())
        kinds = {parameter.kind for parameter in parameters}
        for parameter in parameters:
            if parameter.kind not in (POSITIONAL, KEYWORDS):
                names.setdefault(parameter.name, parameter.default is parameter.empty)
        hints = {**_default_types(parameters, function), **_hints(function), **hints}
        if KEYWORDS in kinds and not _named(parameters):
            return _signature(names, hints, takes_any=True)
        if KEYWORDS not in kinds:
            return _signature(names, hints, takes_any=False)
        if not follow and POSITIONAL not in kinds:
            return _signature(names, hints, takes_any=True)
    return _signature(names, hints, takes_any=bool(constructors) and not (names and follow))


def _signature(names: dict[str, bool], hints: dict[str, Any], takes_any: bool) -> Signature:
    required = frozenset(name for name, needed in names.items() if needed)
    return Signature(frozenset(names) - {'self'}, required - {'self'}, hints, takes_any)


def _constructors(component: Callable) -> list[Callable]:
    if not inspect.isclass(component):
        return [component]
    own = [kind.__dict__['__init__'] for kind in component.__mro__ if '__init__' in kind.__dict__]
    return [function for function in own if function is not object.__init__]


def _named(parameters: Sequence[inspect.Parameter]) -> list[str]:
    """Names of the arguments beside the instance."""
    free = [entry.name for entry in parameters if entry.kind not in (POSITIONAL, KEYWORDS)]
    return [name for name in free if name != 'self']


def _default_types(
    parameters: Sequence[inspect.Parameter], function: Callable
) -> dict[str, type[float]]:
    """``float`` for each argument whose default is a number, where a library annotates few."""
    module = getattr(function, '__module__', None) or ''  # constructors in C have none
    if not module.startswith(NUMBERS_BY_DEFAULT):
        return {}
    return {
        parameter.name: float for parameter in parameters if type(parameter.default) in (int, float)
    }


def _hints(function: Callable) -> dict[str, Any]:
    """Types of a function's arguments; none where a name in them cannot be looked up."""
    try:
        hints = typing.get_type_hints(function)
    except (NameError, TypeError, AttributeError):
        return {}
    return {name: hint for name, hint in hints.items() if name != 'return'}


def fits(value: Any, hint: Any) -> bool:
    """Whether a config's value is of a type; True for types that a config cannot be held against.

    Args:
        value: what a config holds: numbers, text, lists, tuples, dicts, None.
        hint: an annotation.
    """
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return any(fits(value, option) for option in arguments)
    if origin is Literal:
        return value in arguments
    if hint is None or hint is type(None):
        return value is None
    if hint in (bool, str):
        return isinstance(value, hint)
    if hint in (int, float):
        kind = numbers.Integral if hint is int else numbers.Real
        return isinstance(value, kind) and not isinstance(value, bool)
    kind = origin or hint
    if kind in (dict, Mapping):
        return isinstance(value, Mapping)
    if kind in (list, tuple, Sequence, Collection):
        return _fits_sequence(value, kind, arguments)
    if inspect.isclass(kind) and isinstance(value, int | float | str | bool | None):
        return _may_be_plain(kind)
    return True


def is_number(hint: Any) -> bool:
    """Whether a type is of numbers or booleans, and at most of None or tensors beside them."""
    kinds = get_args(hint) if get_origin(hint) in (Union, types.UnionType) else (hint,)
    return all(kind in (int, float, bool, type(None), Tensor) for kind in kinds)


def _fits_sequence(value: Any, kind: Any, arguments: tuple) -> bool:
    if not isinstance(value, list | tuple):
        return False
    if kind is tuple and arguments and Ellipsis not in arguments:
        return len(value) == len(arguments) and all(map(fits, value, arguments))
    return not arguments or all(fits(item, arguments[0]) for item in value)


def _may_be_plain(kind: type) -> bool:
    """Whether plain values may stand for a class: a path's text may, a module's may not."""
    module = kind.__module__.partition('.')[0]
    return module not in ('torch', 'mmengine', 'mmdet3d', 'stslidr')


def type_name(hint: Any) -> str:
    """A type as people read it."""
    return (
        hint.__name__
        if inspect.isclass(hint) and not get_args(hint)
        else str(hint).replace('collections.abc.', '').replace('typing.', '')
    )
