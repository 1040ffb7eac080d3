"""The manifest of a synthetic nuScenes: what was asked of the generator."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

from stslidr.errors import InputError, MissingFileError
from stslidr.files.json_file import read_json, write_json

MANIFEST = 'synthetic.json'
VERSION = 'v1.0-synthetic'
"""Name of the version folder, which appears when all else is there."""
TOOL = 'tools/create_synthetic.py'
GENERATOR_VERSION = 1
"""Goes up whenever the same parameters give other bytes."""


@dataclass(frozen=True)
class SyntheticManifest:
    """Who made a root and from what; the same manifest means the same bytes.

    Args:
        parameters: the generator's parameters by name, as JSON has them.
        generator: the tool.
        generator_version: `GENERATOR_VERSION` of its code.
    """

    parameters: dict[str, int | str | bool]
    generator: str = TOOL
    generator_version: int = GENERATOR_VERSION

    @classmethod
    def read(cls, root: str | Path) -> SyntheticManifest | None:
        """Read the manifest of a root, None if it has none.

        Raises:
            InputError: if it is damaged; names the file.
        """
        path = Path(root, MANIFEST)
        try:
            content = read_json(path)
        except MissingFileError:
            return None
        keys = {'parameters', 'generator', 'generator_version'}
        if (
            not isinstance(content, dict)
            or content.keys() != keys
            or not isinstance(content['parameters'], dict)
        ):
            raise InputError(f'{path} is no manifest of a synthetic data set: its keys differ')
        return cls(**content)

    def write(self, root: str | Path) -> None:
        """Write the manifest into a root.

        Raises:
            FileAccessError: if it cannot be written.
        """
        write_json(Path(root, MANIFEST), asdict(self), indent=2)

    def differences(self, other: SyntheticManifest) -> list[str]:
        """What `other` has otherwise, such as `seed 1 (now 2)`, where now is this manifest."""
        theirs = {**asdict(other), **other.parameters}
        ours = {**asdict(self), **self.parameters}
        names = [name for name in {**theirs, **ours} if name != 'parameters']
        return [
            f'{name} {theirs.get(name)} (now {ours.get(name)})'
            for name in names
            if theirs.get(name) != ours.get(name)
        ]


def is_unfinished(root: str | Path) -> bool:
    """Whether a root is a synthetic data set whose making has not ended."""
    return Path(root, MANIFEST).is_file() and not Path(root, VERSION).is_dir()
