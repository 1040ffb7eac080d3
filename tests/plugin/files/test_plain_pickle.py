"""Plain data come back; what would run, crash, hang or take memory is refused before it does."""

import collections
import pickle
import resource
import struct
import subprocess
import sys

import numpy as np
import pytest

from stslidr.files.pickle_scan import MANY
from stslidr.files.plain_pickle import MAX_KEYS_MADE, RefusedGlobalError, load_plain

PROTOCOLS = range(pickle.HIGHEST_PROTOCOL + 1)


def text(value):
    return b'X' + struct.pack('<I', len(value)) + value.encode()


def called(module, name, arguments):
    """Instructions that call a global with a tuple that other instructions make."""
    return f'c{module}\n{name}\n'.encode() + arguments + b'R'


def whole(body):
    return b'\x80\x04' + body + b'.'


def long_key(number):
    """A key whose hash is that of all others."""
    return b'\x8a\x10' + (number * (2**61 - 1)).to_bytes(16, 'little') + b'N'


def complex_key(number):
    parts = struct.pack('>d', -1000003.0 * number), struct.pack('>d', number)
    return called('builtins', 'complex', b'G%bG%b\x86' % parts) + b'N'


ARRAY = called('numpy.core.multiarray', '_reconstruct', b'(cnumpy\nndarray\nK\x00\x85C\x01bt')


def dtype(code):
    return called('numpy', 'dtype', b'(' + text(code) + b'\x89\x88t')


REFUSED = {
    'ndarray is called': called('numpy', 'ndarray', b'(K\x02\x85' + dtype('f8') + b't'),
    'ndarray with a buffer': called(
        'numpy', 'ndarray', b'(K\x01\x85' + text('O') + b'C\x08AAAAAAAAt'
    ),
    'objects': called('numpy.core.multiarray', 'scalar', b'(' + dtype('O8') + b'C\x08AAAAAAAAt'),
    'fields': dtype('V8') + b'(K\x03' + text('|') + b'N(' + text('a') + b't}K\x08K\x01K\x10tb',
    'flags of objects': dtype('f8')
    + b'(K\x03'
    + text('<')
    + b'N('
    + text('a')
    + b't}K\x08K\x01K\x01tb',
    'a type by words': dtype('float64, object'),
    'dates': dtype('M8'),
    'more shape than bytes': ARRAY + b'(K\x01J\xff\xff\xff\x7f\x85' + dtype('f8') + b'\x89C\x01Atb',
    'a negative shape': ARRAY + b'(K\x01J\xff\xff\xff\xff\x85' + dtype('f8') + b'\x89C\x01Atb',
    'state without bytes': ARRAY + b'(K\x01K\x01\x85' + dtype('f8') + b'\x89]K\x01atb',
    'bytearray of a number': called('builtins', 'bytearray', b'J\x00\x94\x35\x77\x85'),
    'bytes of a number': called('builtins', 'bytes', b'J\x00\x94\x35\x77\x85'),
    'list': called('builtins', 'list', b'](K\x01K\x02e\x85'),
    'int of text': called('builtins', 'int', text('9' * 50) + b'\x85'),
    'range': called('builtins', 'range', b'J\xff\xff\xff\x7f\x85'),
    'print': called('builtins', 'print', text('ran') + b'\x85'),
    'getattr': called('builtins', 'getattr', b']' + text('append') + b'\x86'),
    'a name with dots': called('builtins', 'str.format', text('{0}') + b'\x85'),
    'by the stack': text('os') + text('system') + b'\x93' + text('touch ran') + b'\x85R',
    'an instance': b'cbuiltins\nset\n)\x81',
    'an instance with keywords': b'cbuiltins\nset\n)}\x92',
    'an old instance': b'(ibuiltins\nset\n',
    'an object': b'(cbuiltins\nset\no',
    'a persistent id': b'Pfile\n',
    'an extension': b'\x82\x01',
    'state of a function': b'cbuiltins\nset\n}' + text('x') + b'K\x01sb',
    'attributes of a function': b'cbuiltins\nset\nN}' + text('_make') + b'K\x01s\x86b',
    'attributes of a marker': b'cnumpy\nndarray\nN}' + text('x') + b'K\x01s\x86b',
    'a set of itself': called('builtins', 'set', dtype('f8') + b'\x85'),
    'an unfinished array': ARRAY,
    'a place in the memo': b']r\xff\xff\xff\x7f',
    'a place in the memo, in words': b']p99999999999\n',
    'more bytes than there are': b'\x8e' + struct.pack('<Q', 2**40) + b'a',
    'more bytes to change than there are': b'\x96' + struct.pack('<Q', 2**33) + b'a',
    'more text than there is': b'X\xff\xff\xff\xffa',
    'a longer frame than there is': b'\x95' + struct.pack('<Q', 2**40) + b'N',
    'an unknown instruction': b'\xff',
    'the hash of a deep tuple': b'})' + b'\x85' * 300_000 + b'Ns',
    'a set of a deep tuple': b'\x8f()' + b'\x85' * 300_000 + b'\x90',
    'a dict by marks': b'()' + b'\x85' * 300_000 + b'Nd',
    'numbers of one hash': b'}(' + b''.join(map(long_key, range(2**58, 2**58 + 90_000))) + b'u',
    'complex numbers': b'}(' + b''.join(map(complex_key, range(MAX_KEYS_MADE + 1))) + b'u',
}

GUARDED = """
import resource, sys, time
sys.path.insert(0, {path!r})
import numpy
from stslidr.files.plain_pickle import load_plain
data = open(sys.argv[1], 'rb').read()
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
began = time.monotonic()
try:
    load_plain(data)
except Exception as error:
    said = type(error).__name__
else:
    said = 'read'
grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024
print(said, grown, time.monotonic() - began)
"""


def in_a_process(tmp_path, body):
    """What reading does, in a process of its own, which may crash: result, MiB, seconds."""
    from stslidr import files

    (tmp_path / 'x.pkl').write_bytes(whole(body))
    code = GUARDED.format(path=str(files.__path__[0]).removesuffix('/stslidr/files'))
    done = subprocess.run(
        [sys.executable, '-c', code, tmp_path / 'x.pkl'],
        capture_output=True,
        text=True,
        timeout=100,
        cwd=tmp_path,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CORE, (0, 0)),
    )
    assert done.returncode == 0, f'it crashed: {done.returncode} {done.stderr[-300:]}'
    said, grown, seconds = done.stdout.split()
    return said, int(grown), float(seconds)


@pytest.mark.parametrize('name', REFUSED)
def test_what_is_no_plain_data_is_refused(tmp_path, name):
    said, grown, seconds = in_a_process(tmp_path, REFUSED[name])
    assert said != 'read'
    assert grown < 150, f'{grown} MiB were taken'
    assert seconds < 20
    assert sorted(path.name for path in tmp_path.iterdir()) == ['x.pkl'], 'it ran'


def test_deep_lists_are_plain(tmp_path):
    assert in_a_process(tmp_path, b']' * 200_000 + b'a' * 199_999)[0] == 'read'


def test_a_nest_that_doubles_is_read_in_no_time():
    nest = [np.arange(2)]
    for _ in range(200):
        nest = [nest, nest]
    read = load_plain(pickle.dumps(nest))
    assert read[0] is read[1]


def test_a_list_that_holds_itself():
    loop = [np.arange(3)]
    loop.append(loop)
    read = load_plain(pickle.dumps(loop))
    assert read[1] is read and read[0].tolist() == [0, 1, 2]


@pytest.mark.parametrize('protocol', PROTOCOLS)
def test_many_tuples_and_long_numbers_are_read_with_their_keys_checked(protocol):
    content = {(number, 'a'): (number, (2**70 + number, number)) for number in range(MANY + 10)}
    content['array'], content['set'] = (np.arange(3), 1), {1, 2}
    read = load_plain(pickle.dumps(content, protocol))
    assert read.pop('array')[0].tolist() == [0, 1, 2] and content.pop('array')
    assert read == content


@pytest.mark.parametrize('protocol', PROTOCOLS)
def test_dicts_of_other_kinds_are_dicts(protocol):
    ordered = collections.OrderedDict(b=1, a=2)
    by_default = collections.defaultdict(list, a=[1])
    read = load_plain(pickle.dumps([ordered, by_default], protocol))
    assert read == [{'b': 1, 'a': 2}, {'a': [1]}] and {type(each) for each in read} == {dict}
    assert list(read[0]) == ['b', 'a']


@pytest.mark.parametrize('protocol', PROTOCOLS)
@pytest.mark.parametrize('order', 'CF')
@pytest.mark.parametrize('code', ['<f4', '>f8', '<i2', '>u4', '|b1', '<c16', '|S3', '<U2', '|u1'])
def test_arrays_and_scalars_of_every_type(protocol, order, code):
    array = np.arange(12).reshape(3, 4).astype(code, order=order)
    read, scalar = load_plain(pickle.dumps([array, array[1, 2]], protocol))
    assert read.dtype == array.dtype and read.flags.writeable
    np.testing.assert_array_equal(read, array)
    assert type(scalar) is type(array[1, 2]) and scalar == array[1, 2]


@pytest.mark.parametrize('array', [np.array([None]), np.zeros(2, 'f4,i4'), np.zeros(2, 'M8[s]')])
def test_arrays_of_other_types_are_refused(array):
    with pytest.raises(RefusedGlobalError, match=r'objects|numpy type|fields'):
        load_plain(pickle.dumps(array))


def test_random_changes_never_crash(tmp_path):
    """One process reads 3,000 changed files: each is read, or an exception."""
    content = {'metainfo': {'a': 1}, 'data_list': [{'m': np.eye(3), 'n': [1.5, (2, 'x')]}] * 3}
    code = f"""
import pickle, random, sys
sys.path[:0] = {sys.path!r}
import numpy as np
from stslidr.files.plain_pickle import load_plain
rng, read = random.Random(0), 0
array = np.array
content = {{'metainfo': {{'a': 1}}, 'data_list': [{{'m': np.eye(3), 'n': [1.5, (2, 'x')]}}] * 3}}
for number in range(3000):
    data = bytearray(pickle.dumps(content, number % 6))
    for _ in range(rng.randint(1, 6)):
        data[rng.randrange(len(data))] = rng.choice([rng.randrange(256), *b'(.}}]taRbsue'])
    try:
        load_plain(bytes(data))
        read += 1
    except Exception:
        pass
print(read)
"""
    assert pickle.loads(pickle.dumps(content))['metainfo'] == {'a': 1}
    done = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stderr[-500:]
    assert 0 < int(done.stdout) < 3000
