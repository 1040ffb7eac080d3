"""Without CUDA, spconv describes no CUDA kernel, and its lists are whole afterwards."""

import subprocess
import sys

import pytest
import torch

from stslidr.encoders.spconv_import import KERNEL_LISTS, _emptied


def run_python(code):
    return subprocess.run([sys.executable, '-c', code], capture_output=True, text=True)


@pytest.mark.skipif(torch.cuda.is_available(), reason='with CUDA spconv describes its kernels')
def test_no_kernel_is_forgotten():
    code = (
        'import stslidr.encoders.spconv_import, spconv.core, spconv.algo\n'
        f'print([len(getattr(spconv.core, name)) > 50 for name in {KERNEL_LISTS!r}])\n'
    )
    done = run_python(code)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == '[True, True]'


@pytest.mark.skipif(torch.cuda.is_available(), reason='with CUDA spconv describes its kernels')
def test_it_describes_nothing():
    code = (
        'import spconv.algocore as algocore\n'
        'described = []\n'
        'for name in ("get_gemm_algo_desp_from_param", "get_conv_algo_desp_from_param"):\n'
        '    setattr(algocore, name, described.append)\n'
        'import stslidr.encoders.spconv_import\n'
        'print(len(described))\n'
    )
    done = run_python(code)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == '0'


def test_it_warns_of_nothing():
    assert 'Warning' not in run_python('import stslidr.encoders.spconv_import').stderr


def test_lists_come_back_after_an_error():
    one, two = [1, 2], ['a']
    with pytest.raises(ImportError), _emptied(one, two):
        assert one == two == []
        raise ImportError
    assert (one, two) == ([1, 2], ['a'])
