"""Loading a backbone's weights after MMDetection3D has patched spconv's own loading."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

import stslidr

SCRIPT = """
import importlib.util
import runpy
import sys
from pathlib import Path

import torch
from mmengine.model import PretrainedInit
from mmengine.runner.checkpoint import load_checkpoint
from spconv.pytorch import SparseModule, SubMConv3d
from stslidr.encoders.res16unet import Res16UNet

# MMDetection3D's own patch, without the rest of MMDetection3D, which would need mmcv.
mmdet3d = Path(importlib.util.find_spec('mmdet3d').origin).parent
patch = mmdet3d / 'models/layers/spconv/overwrite_spconv/write_spconv2.py'
assert runpy.run_path(str(patch))['register_spconv2']()
assert SparseModule._version == 2, 'MMDetection3D patches spconv no longer'

try:  # the control: spconv's own layer does not load
    SubMConv3d(2, 3, 3).load_state_dict(dict(SubMConv3d(2, 3, 3).state_dict()))
except RuntimeError as error:
    assert 'size mismatch' in str(error)
else:
    raise AssertionError('the patch permutes nothing, so this test would prove nothing')

def unet():
    return Res16UNet(1, 8, (8, 8, 16, 16, 16, 16, 8, 8), (1,) * 8)

def assert_loaded(target):
    for (name, loaded), given in zip(target.state_dict().items(), source.state_dict().values()):
        assert torch.equal(loaded, given), name

source = unet()
path = sys.argv[1] + '/pretrained.pth'
state_dict = {f'backbone.{key}': value for key, value in source.state_dict().items()}
torch.save({'state_dict': state_dict}, path)

with_prefix = unet()
PretrainedInit(checkpoint=path, prefix='backbone.')(with_prefix)
assert_loaded(with_prefix)

whole = torch.nn.ModuleDict({'backbone': unet()})
load_checkpoint(whole, path, strict=True)
assert_loaded(whole['backbone'])

renamed = unet()
load_checkpoint(renamed, path, strict=True, revise_keys=[(r'^backbone\\.', '')])
assert_loaded(renamed)
print('every kernel loaded')
"""


def test_every_kernel_loads_beside_mmdet3d(tmp_path):
    """By prefix, as a whole, and with renamed keys: the state dict has lost its `_metadata`."""
    pytest.importorskip('mmengine', reason='mmengine is not installed: loading was NOT tested')
    if importlib.util.find_spec('mmdet3d') is None:
        pytest.skip('MMDetection3D is not installed: loading beside it was NOT tested')
    package_root = Path(stslidr.__file__).parents[1]
    done = subprocess.run(
        [sys.executable, '-c', SCRIPT, str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=300,
        env={**os.environ, 'PYTHONPATH': str(package_root)},
    )
    assert done.returncode == 0, done.stderr
    assert 'every kernel loaded' in done.stdout
