"""Hooks of mkdocs: pages from outside ``docs``, reference pages, the check of docstrings."""

from __future__ import annotations

from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

from site_builder.docstrings import undocumented_names
from site_builder.links import PAGES_OUTSIDE, linked_sources, retarget
from site_builder.reference import PACKAGES, PROJECT, reference_nav, reference_pages

ROOT = Path(__file__).resolve().parents[1]


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Append the reference to the navigation.

    Raises:
        PluginError: a public name has no docstring.
    """
    missing = [name for package in PACKAGES for name in undocumented_names(PROJECT / package)]
    if missing:
        places = '\n'.join(name.removeprefix(f'{ROOT}/') for name in missing)
        raise PluginError(f'public names without a docstring:\n{places}')
    config.nav.append({'Reference': reference_nav()})
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add what is not in ``docs``: the root's pages, linked source files, the reference."""
    for path, page in PAGES_OUTSIDE.items():
        files.append(File.generated(config, page, abs_src_path=str(ROOT / path)))
    sources = {
        source
        for file in files.documentation_pages()
        for source in linked_sources(file.content_string, file.src_uri)
    }
    for source in sorted(sources):
        files.append(File.generated(config, f'files/{source}.txt', abs_src_path=str(ROOT / source)))
    for page, text in reference_pages().items():
        files.append(File.generated(config, page, content=text))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Lead the links of a page to the site's files."""
    if page.file.src_uri == 'index.md':
        page.meta['hide'] = ['navigation']  # of a section with one page
    if page.file.src_uri.startswith('reference/'):
        return markdown
    return retarget(markdown, page.file.src_uri)
