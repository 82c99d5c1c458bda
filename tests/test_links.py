"""The pages that people read: every link and anchor in them leads somewhere, and every page can be found from the README."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from tools.site import conf

ROOT = Path(__file__).parent.parent
PAGES = sorted(str(path.relative_to(ROOT)) for form in conf.include_patterns for path in ROOT.glob(form))
DOCS = [page for page in PAGES if page.startswith("docs/")]
EACH_PAGE = pytest.mark.parametrize("page", PAGES)

_MARKDOWN = MarkdownIt("commonmark").enable("table")


@cache
def tokens(page: str) -> list[Token]:
    """What a page is made of."""
    return parsed((ROOT / page).read_text(encoding="utf-8"))


def parsed(text: str) -> list[Token]:
    return _MARKDOWN.parse(text)


def links(made_of: list[Token]) -> Iterator[str]:
    """Where the links and pictures of a page lead."""
    for token in made_of:
        for child in token.children or ():
            target = child.attrGet("href") if child.type == "link_open" else child.attrGet("src")
            if target is not None:
                yield str(target)
        if token.type == "html_block":
            yield from re.findall(r'(?:href|src|srcset)="([^"]+)"', token.content)


def headings(made_of: list[Token]) -> list[tuple[int, str]]:
    """The level and the words of each heading."""
    return [
        (int(token.tag[1]), "".join(child.content for child in after.children or ()))
        for token, after in itertools.pairwise(made_of)
        if token.type == "heading_open"
    ]


def anchors(made_of: list[Token]) -> set[str]:
    """How GitHub names the headings of a page; of equal ones all but the first get a number."""
    found, seen = set(), Counter[str]()
    for _, words in headings(made_of):
        name = re.sub(r"[^\w\- ]", "", words.strip().lower()).replace(" ", "-")
        found.add(f"{name}-{seen[name]}" if seen[name] else name)
        seen[name] += 1
    return found


def broken(page: str, link: str) -> str | None:
    """Why a link of a page leads nowhere; `None` where it leads somewhere, or out of the project by HTTPS."""
    parts = urlsplit(link)
    if parts.scheme or parts.netloc:
        return None if parts.scheme == "https" else "neither a file nor HTTPS"
    target = ((ROOT / page).parent / parts.path).resolve() if parts.path else ROOT / page
    if not target.is_relative_to(ROOT) or not target.is_file():
        return "no such file"
    if parts.fragment and parts.fragment not in anchors(tokens(str(target.relative_to(ROOT)))):
        return "no such heading"
    return None


@EACH_PAGE
def test_every_link_leads_somewhere(page: str) -> None:
    assert [(link, why) for link in links(tokens(page)) if (why := broken(page, link))] == []


@pytest.mark.parametrize(
    "link",
    [
        "docs/nowhere.md",
        "docs/install.md#nothing",
        "#nothing",
        "../elsewhere.md",
        "docs",
        "http://example.com/",
    ],
)
def test_a_link_that_leads_nowhere_is_noticed(link: str) -> None:
    page = f'| [one]({link}) |\n| --- |\n\n![two]({link})\n\n<picture>\n  <img src="{link}">\n</picture>\n'
    assert list(links(parsed(page))) == [link] * 3
    assert broken("README.md", link) is not None


def test_headings_are_named_as_github_names_them() -> None:
    """https://docs.github.com/en/get-started/writing-on-github/getting-started-with-writing-and-formatting-on-github/basic-writing-and-formatting-syntax#section-links"""
    page = "# What `it` does, 2nd\n\n```sh\n# no heading\n```\n\n## A way: _out_!\n\n## Again\n\n## Again\n"
    assert anchors(parsed(page)) == {"what-it-does-2nd", "a-way-out", "again", "again-1"}


def test_every_page_can_be_found_from_the_readme() -> None:
    found, open_pages = {"README.md"}, ["README.md"]
    while open_pages:
        page = open_pages.pop()
        for link in links(tokens(page)):
            path = urlsplit(link).path
            if not urlsplit(link).scheme and path.endswith(".md"):
                target = str(((ROOT / page).parent / path).resolve().relative_to(ROOT))
                if target not in found:
                    found.add(target)
                    open_pages.append(target)
    assert found == set(PAGES)


def test_the_site_shows_every_picture_light_and_dark() -> None:
    for page in PAGES:
        source = [(ROOT / page).read_text(encoding="utf-8")]
        there = source[0].count("<picture>")
        conf.show_pictures(None, page, source)
        assert "<picture>" not in source[0]
        assert [source[0].count(f":class: only-{shown}") for shown in ("light", "dark")] == [there, there]


def test_the_menu_of_the_site_has_every_page_once() -> None:
    source = [(ROOT / "README.md").read_text(encoding="utf-8")]
    conf.put_menu(None, "README", source)
    listed = re.findall(r"^.+ <(.+)>$", source[0].partition("```{toctree}")[2], re.MULTILINE)
    assert sorted(f"{name}.md" for name in listed) == [page for page in PAGES if page != "README.md"]


@EACH_PAGE
def test_headings_go_down_one_level_at_a_time(page: str) -> None:
    levels = [level for level, _ in headings(tokens(page))]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert [(one, two) for one, two in itertools.pairwise(levels) if two > one + 1] == []


@pytest.mark.parametrize("page", DOCS)
def test_a_page_begins_with_what_it_is_for(page: str) -> None:
    made_of = tokens(page)
    assert [token.type for token in made_of[:4]] == [
        "heading_open",
        "inline",
        "heading_close",
        "paragraph_open",
    ]


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) < 120
