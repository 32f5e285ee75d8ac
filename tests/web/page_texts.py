"""The texts of a page or of a template that people read, or have read out to them."""

import re
from html.parser import HTMLParser

READ_ATTRIBUTES = frozenset({"title", "aria-label", "placeholder", "alt", "hx-confirm"})
UNREAD = frozenset({"script", "style"})


def page_texts(html: str) -> set[str]:
    """Every text with a letter in it, as it stands between two tags or in an attribute."""
    return {text for text in _Texts(html).found if re.search(r"[^\W\d_]", text)}


def template_texts(template: str) -> set[str]:
    """Every text that a template says itself, whatever is put into it."""
    return page_texts(re.sub(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", "", template, flags=re.DOTALL))


class _Texts(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: set[str] = set()
        self._within = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._within = tag
        self.found |= {value for name, value in attrs if name in READ_ATTRIBUTES and value}

    def handle_endtag(self, tag: str) -> None:
        self._within = ""

    def handle_data(self, data: str) -> None:
        if self._within not in UNREAD:
            self.found.add(" ".join(data.split()))
