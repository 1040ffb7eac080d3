"""Reads through a pickle's instructions before any of them runs, at the speed of a search.

Python's unpickler takes memory, and recurses, as the instructions say. What would run something, or
take more memory than the file accounts for, is refused here.
"""

from __future__ import annotations

import pickle
import re

MANY = 20_000
"""Free tuples and long numbers that are let through without a look at what they are keys of."""

_NAMES = {'P': 'a persistent id', 'Q': 'a persistent id', 'i': 'an instance', 'o': 'an instance'}
_NAMES |= {'\x81': 'an instance', '\x92': 'an instance', '\x97': 'a buffer', '\x98': 'a buffer'}
_NAMES |= dict.fromkeys('\x82\x83\x84', 'an extension code')
REFUSED = {name.encode('latin1'): said for name, said in _NAMES.items()}
"""Instruction -> what it would make."""

_NUMBERED = {b'p'[0], b'g'[0]}
_LINES = dict.fromkeys(b'IFSVpg', 1) | dict.fromkeys(b'L', 1) | {b'c'[0]: 2}
"""Instruction -> lines of text behind it."""
_COUNTED = {b'U'[0]: 1, b'C'[0]: 1, 0x8C: 1, 0x8A: 1, b'T'[0]: 4, b'X'[0]: 4, b'B'[0]: 4, 0x8B: 4}
_COUNTED |= {0x8D: 8, 0x8E: 8, 0x96: 8}
"""Instruction -> bytes of the length that stands before its data."""
_NUMBERS = {b'I'[0], b'L'[0], 0x8A, 0x8B}
LONG_BYTES, LONG_DIGITS = 9, 19
"""Longer numbers, with what stands before and behind them, can be chosen to have one hash."""
_TUPLES = {b't'[0], 0x85, 0x86, 0x87}
_CONSUMED = re.compile(rb'(?:q.|r....|\x94|p\d{1,10}\n)?[Rb]', re.DOTALL)
"""What follows a tuple that is an argument or a state, which are checked where they are used."""


def scan_pickle(data: bytes) -> bool:
    """Check the instructions of a pickle.

    Args:
        data: the whole pickle; what stands behind its end is not looked at.

    Returns:
        Whether it has so many free tuples or long numbers that keys have to be checked.

    Raises:
        pickle.UnpicklingError: an instruction is unknown, would make an instance, or needs more
            than the file holds; a place in the memo is beyond what the file could fill.
    """
    plain = _plain_instructions(len(data))
    place, end, unusual = 0, len(data), 0
    while place < end:
        if match := plain.match(data, place):
            place = match.end()
            continue
        code = data[place]
        if code == b'.'[0]:
            return unusual > MANY
        place += 1
        if code in _TUPLES:
            unusual += not _CONSUMED.match(data, place)
        elif code in _COUNTED:
            behind = _behind_counted(data, place, _COUNTED[code])
            unusual += code in _NUMBERS and behind - place > LONG_BYTES
            place = behind
        elif code in _LINES:
            behind = _behind_lines(data, place, code)
            unusual += code in _NUMBERS and behind - place > LONG_DIGITS
            place = behind
        else:
            _refuse(code)
    raise pickle.UnpicklingError('pickle data was truncated')


def _plain_instructions(size: int) -> re.Pattern[bytes]:
    """A run of instructions that are as long as they are, for a file of so many bytes.

    A place in the memo, which takes memory up to there, is below the number of bytes, rounded up.
    """
    high = bytes([min(size >> 16, 0xFF)])
    top = bytes([min(size >> 24, 0xFF)])
    third = rb'[\x00-%s]' % re.escape(high) if size >> 24 == 0 else rb'.'
    memo = rb'r..%s[\x00-%s]' % (third, re.escape(top))
    fixed = rb'[(012Nabde\]}lus)\x88\x89\x8f\x90\x91\x94R\x93]|[Khq\x80].|M..|[Jj]....|[G\x95].{8}'
    return re.compile(rb'(?:%s|%s){1,256}' % (fixed, memo), re.DOTALL)


def _behind_counted(data: bytes, place: int, width: int) -> int:
    length = int.from_bytes(data[place : place + width], 'little')
    if place + width + length > len(data):
        raise pickle.UnpicklingError('pickle data was truncated')
    return place + width + length


def _behind_lines(data: bytes, place: int, code: int) -> int:
    for _ in range(_LINES[code]):
        end = data.find(b'\n', place)
        if end < 0:
            raise pickle.UnpicklingError('pickle data was truncated')
        if code in _NUMBERED:
            number = data[place:end].strip()
            if not number.isdigit() or len(number) > 18 or int(number) > len(data):
                raise pickle.UnpicklingError(f'place {number[:20]!r} of the memo')
        place = end + 1
    return place


def _refuse(code: int) -> None:
    said = REFUSED.get(bytes([code]))
    raise pickle.UnpicklingError(f'it makes {said}' if said else f'unknown instruction {code:#x}')
