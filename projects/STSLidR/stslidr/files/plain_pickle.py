"""Pickles of plain data: numbers, texts, containers and numpy arrays, and nothing else.

A pickle is a program. Here it can call only what makes such data, each call with arguments that are
checked; it gets no class, no builtin, and no array of objects.
"""

from __future__ import annotations

import io
import math
import pickle
from collections.abc import Callable
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from stslidr.files.garbage_collector import collector_off
from stslidr.files.pickle_scan import scan_pickle

MAX_KEYS_MADE = 100_000
"""Sets, complex numbers and the like that one pickle may make by a call."""
MAX_INT_KEY = 2**60
KEY_DEPTH = 3
"""Tuples within tuples of a key."""
KINDS = 'biufcSU'
"""Of numpy types: truth values, numbers, bytes and text."""


class RefusedGlobalError(pickle.UnpicklingError):
    """A pickle asks for what is no plain data."""


def load_plain(data: bytes) -> object:
    """The object that a pickle of plain data describes; nothing in it runs.

    Memory is taken for what the file holds, at most some 70 bytes for each of its bytes.

    Args:
        data: the pickle, of any protocol, of numpy 1 or 2.

    Raises:
        RefusedGlobalError: it asks for something else than plain data; says for what.
        Exception: it is damaged. What is raised depends on the damage.
    """
    unpickler = _CheckedUnpickler if scan_pickle(data) else _PlainUnpickler
    makers = _Makers()
    with collector_off():
        content = unpickler(io.BytesIO(data), makers).load()
    return _with_arrays(content) if makers.has_arrays else content


class _Fixed:
    """What a pickle cannot change: it may ask to set the state or an attribute of anything."""

    __slots__ = ()
    __hash__ = None  # type: ignore[assignment]

    def __setstate__(self, state: object) -> NoReturn:
        raise pickle.UnpicklingError(f'a state for {type(self).__name__}')

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise pickle.UnpicklingError(f'an attribute for {type(self).__name__}')


class _Marker(_Fixed):
    """Stands for a class that is only ever an argument."""


class _Maker(_Fixed):
    """Stands for a function or class that is called."""

    __slots__ = ('_make',)
    _make: Callable[..., Any]

    def __init__(self, make: Callable[..., Any]) -> None:
        object.__setattr__(self, '_make', make)

    def __call__(self, *arguments: Any) -> Any:
        """What the call gives, of checked arguments."""
        return self._make(*arguments)


class _Dtype(_Fixed):
    """A numpy type while it is being read; its state adds the byte order."""

    __slots__ = ('dtype',)
    dtype: np.dtype[Any]

    def __init__(self, dtype: np.dtype[Any]) -> None:
        object.__setattr__(self, 'dtype', dtype)

    def __setstate__(self, state: object) -> None:  # type: ignore[override]
        if not (isinstance(state, tuple) and len(state) >= 8 and state[0] == 3):
            raise pickle.UnpicklingError('state of a numpy type')
        order, *parts = state[1:5]
        if order not in ('<', '>', '|', '=') or any(part is not None for part in parts):
            raise RefusedGlobalError('a numpy type with fields')
        object.__setattr__(self, 'dtype', self.dtype.newbyteorder(order))


class _Array(_Fixed):
    """An array while it is being read."""

    __slots__ = ('array',)
    array: NDArray[Any]

    def __setstate__(self, state: object) -> None:  # type: ignore[override]
        if not isinstance(state, tuple) or len(state) != 5:
            raise pickle.UnpicklingError('state of an array')
        _, shape, dtype, fortran, data = state
        object.__setattr__(self, 'array', _array(data, dtype, shape, 'F' if fortran else 'C'))


def _array(data: object, dtype: object, shape: object, order: object) -> NDArray[Any]:
    """An array with memory of its own."""
    if not isinstance(dtype, _Dtype) or not isinstance(data, bytes | bytearray):
        raise pickle.UnpicklingError('an array without bytes or type')
    if order not in ('C', 'F', 'A') or not isinstance(shape, tuple) or len(shape) > 32:
        raise pickle.UnpicklingError('the shape of an array')
    if not all(isinstance(length, int) and length >= 0 for length in shape):
        raise pickle.UnpicklingError('the shape of an array')
    if math.prod(shape) * dtype.dtype.itemsize != len(data):
        raise pickle.UnpicklingError(f'{len(data)} bytes for an array {shape} of {dtype.dtype}')
    if not data:
        return np.empty(shape, dtype.dtype)
    return np.frombuffer(data, dtype.dtype).reshape(shape, order=order).copy(order='K')


def _make_dtype(text: object, *flags: object) -> _Dtype:
    text = text.decode('latin1') if isinstance(text, bytes) else text
    if not isinstance(text, str) or not all(flag in (0, 1) for flag in flags):
        raise pickle.UnpicklingError('a numpy type')
    if text[:1] == 'O':
        raise RefusedGlobalError('an array of objects')
    if text[:1] not in KINDS or not text[1:].isdigit() or len(text) > 8:
        raise RefusedGlobalError(f'the numpy type {text[:20]!r}')
    return _Dtype(np.dtype(text))


def _make_scalar(dtype: object, data: object = b'') -> np.generic:
    if isinstance(dtype, _Dtype) and isinstance(data, bytes) and not data:
        data = bytes(dtype.dtype.itemsize)  # numpy leaves an empty text out
    scalar: np.generic = _array(data, dtype, (1,), 'C')[0]
    return scalar


def _encode_latin1(text: object, encoding: object) -> bytes:
    """What pickle protocol 2 calls `_codecs.encode` for: bytes that were written as text."""
    if encoding != 'latin1' or not isinstance(text, str):
        raise RefusedGlobalError(f'a call of _codecs.encode with {str(encoding)[:20]!r}')
    return text.encode('latin1')


def _make_bytearray(data: object = b'', encoding: object = 'latin-1') -> bytearray:
    if isinstance(data, str) and encoding == 'latin-1':
        data = data.encode('latin1')
    if not isinstance(data, bytes):
        raise RefusedGlobalError('a call of bytearray without bytes')
    return bytearray(data)


def _make_bytes(*arguments: object) -> bytes:
    if arguments:
        raise RefusedGlobalError('a call of bytes')
    return b''


class _Makers:
    """What the globals of one pickle stand for."""

    def __init__(self) -> None:
        self.has_arrays = False
        self._num_made = 0
        marker = _Marker()
        makers: dict[tuple[str, str], Callable[..., Any]] = {
            ('numpy', 'dtype'): _make_dtype,
            ('_codecs', 'encode'): _encode_latin1,
            ('collections', 'OrderedDict'): self._plain_dict,
            ('collections', 'defaultdict'): self._plain_dict,
        }
        for core in ('numpy.core', 'numpy._core'):
            makers[f'{core}.multiarray', '_reconstruct'] = self._reconstruct
            makers[f'{core}.multiarray', 'scalar'] = _make_scalar
            makers[f'{core}.numeric', '_frombuffer'] = _array
        builtins: dict[str, Callable[..., Any]] = {
            'bytearray': _make_bytearray,
            'bytes': _make_bytes,
            'complex': self._complex,
            'frozenset': self._frozenset,
            'set': self._set,
        }
        self.known: dict[tuple[str, str], _Fixed] = {
            name: _Maker(make) for name, make in makers.items()
        }
        self.known['numpy', 'ndarray'] = marker
        for module in ('builtins', '__builtin__'):  # the second in pickles of protocol 2
            self.known |= {(module, name): _Maker(make) for name, make in builtins.items()}
            for name in ('dict', 'float', 'int', 'list', 'str'):  # of a defaultdict
                self.known[module, name] = marker

    def find(self, module: str, name: str) -> _Fixed:
        """What a global stands for.

        Raises:
            RefusedGlobalError: nothing; names it.
        """
        try:
            return self.known[module, name]
        except KeyError:
            raise RefusedGlobalError(f'the global {module}.{name}') from None

    def _count(self) -> None:
        self._num_made += 1
        if self._num_made > MAX_KEYS_MADE:
            raise RefusedGlobalError(f'more than {MAX_KEYS_MADE:,} sets or complex numbers')

    def _reconstruct(self, kind: object, shape: object, code: object) -> _Array:
        if not isinstance(kind, _Marker) or shape != (0,) or code not in (b'b', 'b'):
            raise pickle.UnpicklingError('a call of _reconstruct')
        self.has_arrays = True
        return _Array()

    def _frombuffer(
        self, data: object, dtype: object, shape: object, order: object
    ) -> NDArray[Any]:
        return _array(data, dtype, shape, order)

    def _plain_dict(self, *arguments: object) -> dict[Any, Any]:
        if not all(isinstance(argument, _Marker) for argument in arguments):
            raise RefusedGlobalError('a call of a dict with arguments')
        return {}  # an OrderedDict would keep attributes that the pickle gives it

    def _complex(self, real: object, imaginary: object) -> complex:
        self._count()
        if not isinstance(real, float) or not isinstance(imaginary, float):
            raise RefusedGlobalError('a call of complex without two numbers')
        return complex(real, imaginary)

    def _set(self, items: object = ()) -> set[Any]:
        self._count()
        return set(_checked_keys(items))

    def _frozenset(self, items: object = ()) -> frozenset[Any]:
        self._count()
        return frozenset(_checked_keys(items))


class _PlainUnpickler(pickle.Unpickler):
    """The C unpickler, with nothing but the makers."""

    def __init__(self, file: io.BytesIO, makers: _Makers) -> None:
        super().__init__(file)
        self._makers = makers

    def find_class(self, module: str, name: str) -> Any:
        """What the pickle gets for a global."""
        return self._makers.find(module, name)


_PythonUnpickler: Any = pickle._Unpickler  # type: ignore[attr-defined]


class _CheckedUnpickler(_PythonUnpickler):
    """Python's unpickler, which looks at every key: slow, for files with very many tuples.

    The hash of a deep tuple overflows the stack, and long numbers can be chosen so that all of them
    have one hash.
    """

    def __init__(self, file: io.BytesIO, makers: _Makers) -> None:
        super().__init__(file)
        self._makers = makers

    def find_class(self, module: str, name: str) -> Any:
        """What the pickle gets for a global."""
        return self._makers.find(module, name)

    def _load_setitem(self) -> None:
        _checked_keys([self.stack[-2]])
        super().load_setitem()

    def _load_setitems(self) -> None:
        _checked_keys(self.stack[::2])
        super().load_setitems()

    def _load_dict(self) -> None:
        _checked_keys(self.stack[::2])
        super().load_dict()

    def _load_additems(self) -> None:
        _checked_keys(self.stack)
        super().load_additems()

    def _load_frozenset(self) -> None:
        _checked_keys(self.stack)
        super().load_frozenset()

    dispatch = {
        **_PythonUnpickler.dispatch,
        pickle.SETITEM[0]: _load_setitem,
        pickle.SETITEMS[0]: _load_setitems,
        pickle.DICT[0]: _load_dict,
        pickle.ADDITEMS[0]: _load_additems,
        pickle.FROZENSET[0]: _load_frozenset,
    }


def _checked_keys(keys: object) -> list[Any]:
    """The keys, all of which can be hashed in no time."""
    if not isinstance(keys, list | tuple):
        raise RefusedGlobalError('a set of what is no list')
    level, checked = list(keys), list(keys)
    for _ in range(KEY_DEPTH):
        below: list[object] = []
        for key in level:
            if isinstance(key, tuple):
                below.extend(key)
            elif isinstance(key, int) and abs(key) >= MAX_INT_KEY:
                raise RefusedGlobalError('a key of more than 60 bits')
        level = below
    if level:
        raise RefusedGlobalError(f'a key of more than {KEY_DEPTH} nested tuples')
    return checked


def _with_arrays(content: object) -> object:
    """The same content with arrays in place of what stood for them.

    Lists and dicts stay themselves, tuples are made anew.
    """
    waiting: list[list[Any] | dict[Any, Any]] = []
    seen: dict[int, object] = {}  # what was met, by id; kept alive, so that no id comes again

    def replaced(value: object, depth: int = 0) -> object:
        if isinstance(value, _Array):
            return value.array
        if not isinstance(value, list | dict | tuple) or id(value) in seen:
            return seen.get(id(value), value)
        if depth > KEY_DEPTH:
            raise RefusedGlobalError(f'arrays beside more than {KEY_DEPTH} nested tuples')
        seen[id(value)] = value
        if isinstance(value, tuple):
            kept.append(value)
            seen[id(value)] = tuple([replaced(part, depth + 1) for part in value])
        else:
            waiting.append(value)
        return seen[id(value)]

    kept: list[object] = []
    content = replaced(content)
    while waiting:
        container = waiting.pop()
        if isinstance(container, dict):
            for key, value in container.items():
                container[key] = replaced(value)
        else:
            container[:] = [replaced(value) for value in container]
    return content
