"""Without CUDA, spconv describes no CUDA kernel, and its lists are whole afterwards."""

import subprocess
import sys

import pytest
import torch

from stslidr.spconv_loading import KERNEL_LISTS, emptied

without_cuda = pytest.mark.skipif(
    torch.cuda.is_available(), reason='with CUDA spconv describes its kernels'
)
COUNTED = """
import stslidr
import spconv.algocore as algocore
described = []
for name in ('get_gemm_algo_desp_from_param', 'get_conv_algo_desp_from_param'):
    describe = getattr(algocore, name)
    setattr(algocore, name, lambda kernel, f=describe: (described.append(1), f(kernel))[1])
{imports}
print(len(described))
"""


def run_python(code):
    done = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done


@without_cuda
@pytest.mark.parametrize(
    'imports', ['import spconv.pytorch', 'import mmdet3d.models', 'import stslidr.encoders.sparse']
)
def test_nothing_is_described(imports):
    done = run_python(COUNTED.format(imports=imports))
    assert done.stdout.strip() == '0'


@without_cuda
def test_without_our_package_all_are():
    code = COUNTED.format(imports='import spconv.pytorch').replace('import stslidr\n', '')
    assert int(run_python(code).stdout) > 500, 'else this module is of no use any more'


def test_no_kernel_is_forgotten():
    done = run_python(
        'import stslidr, spconv.pytorch, spconv.core\n'
        f'print([len(getattr(spconv.core, name)) > 50 for name in {KERNEL_LISTS!r}])\n'
    )
    assert done.stdout.strip() == '[True, True]'


def test_it_warns_of_nothing():
    assert 'Warning' not in run_python('import stslidr, spconv.pytorch').stderr


def test_the_modules_are_as_ever():
    done = run_python(
        'import stslidr, importlib, spconv.pytorch.functional as functional, spconv.algo as algo\n'
        'for module in (functional, algo):\n'
        '    assert module.__spec__.loader is module.__loader__\n'
        '    print(type(module.__loader__).__name__, module.__file__.rsplit("/", 1)[1])\n'
    )
    assert done.stdout.split() == ['SourceFileLoader', 'functional.py'] + [
        'SourceFileLoader',
        'algo.py',
    ]


def test_it_is_installed_once():
    done = run_python(
        'import sys\nfrom stslidr.spconv_loading import *\n'
        'load_spconv_fast()\n'
        'print(sum(isinstance(finder, SpconvFinder) for finder in sys.meta_path))'
    )
    assert done.stdout.strip() == '1'


def test_lists_come_back_after_an_error():
    one, two = [1, 2], ['a']
    with pytest.raises(ImportError), emptied(one, two):
        assert one == two == []
        raise ImportError
    assert (one, two) == ([1, 2], ['a'])
