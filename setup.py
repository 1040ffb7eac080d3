"""Puts configs, studies and scripts into the wheel; all else is said in setup.cfg.

They go to ``stslidr/.mim``, where OpenMMLab's packages have theirs. A checkout needs none of it.
"""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).resolve().parent
SHIPPED = ('configs', 'studies', 'tools')
FOR_CHECKOUTS = ('describe_code.py', 'setup_env.sh', '__pycache__')
IN_A_CHECKOUT = 'projects.STSLidR.stslidr.plugin'
INSTALLED = 'stslidr.plugin'
"""What ``custom_imports`` of a config names."""


class BuildWithConfigs(build_py):
    """Also copies what is not in the packages."""

    def run(self) -> None:
        """Copy the packages, then the rest."""
        super().run()
        if self.editable_mode:
            return
        for name in SHIPPED:
            there = Path(self.build_lib, 'stslidr', '.mim', name)
            ignored = shutil.ignore_patterns(*FOR_CHECKOUTS)
            shutil.copytree(ROOT / name, there, ignore=ignored, dirs_exist_ok=True)
        for config in Path(self.build_lib, 'stslidr', '.mim', 'configs').rglob('*.py'):
            text = config.read_text(encoding='utf-8')
            config.write_text(text.replace(IN_A_CHECKOUT, INSTALLED), encoding='utf-8')


setup(cmdclass={'build_py': BuildWithConfigs})
