"""The settings of Sphinx for `make site`. The pages are those that people read in the repository, with the README in front.

https://www.sphinx-doc.org/en/master/usage/configuration.html
https://myst-parser.readthedocs.io/en/latest/configuration.html
"""

from __future__ import annotations

import re
from typing import Any

project = "pullcheck"
root_doc = "README"
include_patterns = ["README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "docs/*.md"]
exclude_patterns = [".*", "dist", "node_modules", "tests"]
extensions = ["myst_parser", "sphinx_copybutton"]

# As GitHub names headings, so that one link is right in both places.
myst_heading_anchors = 4
highlight_language = "text"

html_theme = "furo"
html_title = "pullcheck"
html_copy_source = False
html_show_copyright = False
html_extra_path = ["index.html"]
html_static_path = ["static"]
html_css_files = ["site.css"]

_PICTURE = re.compile(
    r'<picture>\n  <source [^>]*srcset="([^"]+)">\n  <img alt="([^"]+)" src="([^"]+)">\n</picture>'
)
_GROUP = re.compile(r"^### (.+)\n\n((?:- .+\n)+)", re.MULTILINE)
_PAGE = re.compile(r"\[([^]]+)\]\(([\w/.-]+)\.md\)")


def show_pictures(app: Any, page: str, source: list[str]) -> None:
    """Show a picture in the colours of the page, which its reader may choose; GitHub goes by the browser's."""
    source[0] = _PICTURE.sub(
        lambda found: _image(found[3], found[2], "only-light") + _image(found[1], found[2], "only-dark"),
        source[0],
    )


def _image(path: str, says: str, shown: str) -> str:
    return f"```{{image}} {path}\n:alt: {says}\n:class: {shown}\n```\n"


def put_menu(app: Any, page: str, source: list[str]) -> None:
    """Make the menu of the lists of pages in the README: they are kept in one place."""
    if page != root_doc:
        return
    for title, pages in _GROUP.findall(source[0]):
        entries = "\n".join(f"{name} <{path}>" for name, path in _PAGE.findall(pages))
        source[0] += f"\n```{{toctree}}\n:hidden:\n:caption: {title}\n\n{entries}\n```\n"


def setup(app: Any) -> None:
    """Called by Sphinx. https://www.sphinx-doc.org/en/master/extdev/appapi.html"""
    app.connect("source-read", show_pictures)
    app.connect("source-read", put_menu)
