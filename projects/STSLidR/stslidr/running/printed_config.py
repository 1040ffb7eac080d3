"""A config whose text is laid out once: that takes longer than building a small model."""

from __future__ import annotations

import copy

from mmengine.config import Config

KEPT = 16
"""Texts that a process keeps."""
_laid_out: dict[str, str] = {}
"""Plain text -> the text as yapf lays it out."""


class PrintedConfig(Config):
    """mmengine's config. A run asks four times for its text, of which all but one are repeats."""

    @classmethod
    def of(cls, config: Config) -> PrintedConfig:
        """A copy of a config."""
        copied = copy.deepcopy(config)
        object.__setattr__(copied, '__class__', cls)  # Config's own would make it a key
        return copied

    @property
    def pretty_text(self) -> str:
        """The config as Python, laid out by yapf."""
        plain = self._plain_text()
        if not self._format_python_code:
            return plain
        if plain not in _laid_out:
            if len(_laid_out) >= KEPT:
                _laid_out.clear()
            _laid_out[plain] = super().pretty_text
        return _laid_out[plain]

    def _plain_text(self) -> str:
        """The config as Python, in lines of any length."""
        laid_out = self._format_python_code
        object.__setattr__(self, '_format_python_code', False)
        try:
            return super().pretty_text
        finally:
            object.__setattr__(self, '_format_python_code', laid_out)
