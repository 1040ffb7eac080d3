"""Reference pages: one for each folder of each package, with its modules one after another."""

from __future__ import annotations

from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2] / 'projects' / 'STSLidR'
PACKAGES = ('stslidr', 'stslidr_city', 'stslidr_studies')


def reference_pages() -> dict[str, str]:
    """Map the site's path of each reference page to its Markdown."""
    return {page_path(folder): _page(folder) for name in PACKAGES for folder in _folders(name)}


def reference_nav() -> list[dict[str, list[dict[str, str]]]]:
    """Return the reference's part of mkdocs' ``nav``: packages, then their folders."""
    return [
        {name: [{_title(folder): page_path(folder)} for folder in _folders(name)]}
        for name in PACKAGES
    ]


def page_path(folder: Path) -> str:
    """Return the site's path of the page of a package's folder."""
    return f'reference/{"/".join(folder.relative_to(PROJECT).parts)}/index.md'


def _folders(package: str) -> list[Path]:
    return sorted(path.parent for path in (PROJECT / package).rglob('__init__.py'))


def _title(folder: Path) -> str:
    parts = folder.relative_to(PROJECT).parts
    return '.'.join(parts[1:]) or parts[0]


def _page(folder: Path) -> str:
    name = '.'.join(folder.relative_to(PROJECT).parts)
    modules = [path.stem for path in sorted(folder.glob('*.py')) if not path.stem.startswith('_')]
    blocks = [f'::: {name}\n    options: {{members: false, heading_level: 1}}']
    blocks += [f'::: {name}.{module}\n    options: {{heading_level: 2}}' for module in modules]
    return f'---\ntitle: {name}\n---\n\n' + '\n\n'.join(blocks) + '\n'
