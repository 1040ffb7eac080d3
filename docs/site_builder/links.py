"""Where links of the repository's pages lead to on the site."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGES_OUTSIDE = {
    'README.md': 'index.md',
    'CONTRIBUTING.md': 'contributing.md',
    'CHANGELOG.md': 'changelog.md',
    'SECURITY.md': 'security.md',
}
"""Pages of the repository's root, and what they are called on the site."""

_FENCED = re.compile(r'^```.*?^```', re.MULTILINE | re.DOTALL)
_LINK = re.compile(r'(?P<head>!?\[(?P<label>[^\]]*)\]\()(?P<target>[^)\s]+)\)')


def repository_path(site_path: str) -> str:
    """Return the path in the repository of a page of the site, both relative to their roots."""
    outside = {site: path for path, site in PAGES_OUTSIDE.items()}
    return outside.get(site_path, f'docs/{site_path}')


def site_path(path: str) -> str | None:
    """Return where a file of the repository stands on the site; None if it does not.

    Pages and pictures keep their place under ``docs``; source files are shown as plain text.
    """
    if path in PAGES_OUTSIDE:
        return PAGES_OUTSIDE[path]
    if path.startswith('docs/'):
        return path.removeprefix('docs/')
    return f'files/{path}.txt' if (ROOT / path).is_file() else None


def linked_sources(text: str, page: str) -> Iterator[str]:
    """Yield the source files that a page links to: what stands neither in ``docs`` nor above.

    Args:
        text: Markdown of the page.
        page: its path on the site.
    """
    for link in _LINK.finditer(_FENCED.sub('', text)):
        path = _target(link['target'], page)
        if path and (site_path(path) or '').startswith('files/'):
            yield path


def retarget(text: str, page: str) -> str:
    """Rewrite relative links so that they lead to the same files on the site.

    A link to a folder becomes its text: the site has none. One that leads nowhere is left as it
    is, and mkdocs complains.

    Args:
        text: Markdown of the page.
        page: its path on the site.
    """

    def replace(link: re.Match[str]) -> str:
        path = _target(link['target'], page)
        if path is None:
            return link[0]
        if (ROOT / path).is_dir():
            return link['label']
        there = site_path(path)
        if there is None:
            return link[0]
        _, mark, anchor = link['target'].partition('#')
        target = posixpath.relpath(there, posixpath.dirname(page) or '.')
        return f'{link["head"]}{target}{mark}{anchor})'

    kept = _FENCED.findall(text)
    parts = [_LINK.sub(replace, part) for part in _FENCED.split(text)]
    return ''.join(part + fenced for part, fenced in zip(parts, [*kept, ''], strict=True))


def _target(target: str, page: str) -> str | None:
    """Return the path in the repository that a link names; None for addresses and anchors."""
    path = target.partition('#')[0]
    if not path or '://' in path or path.startswith('mailto:'):
        return None
    return posixpath.normpath(posixpath.join(posixpath.dirname(repository_path(page)), path))
