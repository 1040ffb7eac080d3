"""Help, and what is said of wrong options, wait for no library."""

import subprocess
import sys

import pytest

from support.commands import ROOT

TOOLS = sorted(path.name for path in (ROOT / 'tools').glob('*.py'))
HEAVY = 'torch mmengine mmcv mmdet mmdet3d spconv scipy sklearn skimage matplotlib PIL cv2 nuscenes'
ASK = f"""
import runpy, sys
try:
    runpy.run_path(sys.argv[0], run_name='__main__')
except SystemExit as ended:
    status = ended.code
sys.stderr.flush()
loaded = sorted(set({HEAVY.split()!r}) & set(sys.modules))
print('LOADED', loaded, status or 0)
"""


def ask(tool, *arguments):
    code = f'import sys; sys.argv = {[str(ROOT / "tools" / tool), *arguments]!r}\n{ASK}'
    done = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    text, _, loaded = done.stdout.rpartition('LOADED ')
    return text + done.stderr, loaded.strip()


@pytest.mark.parametrize('tool', TOOLS)
def test_help_loads_nothing_heavy(tool):
    text, loaded = ask(tool, '--help')
    assert text.startswith('usage: ') and len(text.splitlines()) > 5
    assert loaded == '[] 0'


@pytest.mark.parametrize('tool', TOOLS)
def test_a_wrong_option_is_told_as_fast(tool):
    text, loaded = ask(tool, '--no-such-option')
    assert 'usage: ' in text and 'error: ' in text
    assert loaded == '[] 2'
