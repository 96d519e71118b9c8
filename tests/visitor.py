"""A visitor for tests: fills in and sends the forms of a served vault as a person would, without a browser."""

import re
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookiejar import CookieJar

from tests.days import SOON, SOON_DAY

_GIVEN = {"number": "2", "date": SOON_DAY}


@dataclass
class Form:
    """One form of a page, filled in with what stands there already."""

    action: str
    said: list[tuple[str, str]] = field(default_factory=list)
    words: list[str] = field(default_factory=list)  # names of the fields that take any words


class _Forms(HTMLParser):
    """Finds the forms of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        name, kind, value = told.get("name", ""), told.get("type", "text"), told.get("value", "")
        if tag == "form":
            self.forms.append(Form(told.get("action", "")))
        elif not self.forms:
            return
        elif tag == "textarea" or (tag == "input" and kind in {"text", "search"}):
            self.forms[-1].words.append(name)
        elif tag == "input" and kind in {"checkbox", "radio"}:
            if name == "holders" or not any(other == name for other, _ in self.forms[-1].said):
                self.forms[-1].said.append((name, value or "on"))
        elif tag == "input" and kind == "hidden":
            self.forms[-1].said.append((name, value))
        elif tag == "input":
            self.forms[-1].said.append((name, value or _GIVEN.get(kind, SOON)))
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and value:
            self.forms[-1].said.append((self._select, value))
            self._select = ""


class Visitor:
    """One session with a served vault."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))

    def get(self, page: str) -> tuple[str, str]:
        """Return where a page led to, and what it says."""
        return self._asked(urllib.request.Request(self.address + page))  # noqa: S310  (loopback)

    def send(self, page: str, form: Form, words: str = "", more: Iterable[tuple[str, str]] = ()) -> tuple[str, str]:
        """Fill every field that takes words, send the form, and return where it led to and what that says."""
        told = [*form.said, *((name, words) for name in form.words), *more]
        to = urllib.parse.urljoin(self.address + page, form.action or page)
        headers = {"Origin": self.address, "Referer": self.address + "/"}
        return self._asked(urllib.request.Request(to, urllib.parse.urlencode(told).encode(), headers))  # noqa: S310

    def forms(self, page: str) -> list[Form]:
        """Return the forms of a page, those of its frame (lock, exit, language) left out."""
        found = _Forms()
        found.feed(self.get(page)[1])
        return [form for form in found.forms if form.action not in {"/lock", "/out", "/language"}]

    def links(self, page: str, holding: str) -> set[str]:
        """Return the addresses that a page leads to and that hold some words."""
        return {told for told in re.findall(r'href="(/[^"#?]*)"', self.get(page)[1]) if holding in told}

    def _asked(self, request: urllib.request.Request) -> tuple[str, str]:
        try:
            with self._opener.open(request) as answer:
                return urllib.parse.urlsplit(answer.geturl()).path, answer.read().decode()
        except urllib.error.HTTPError as error:
            return urllib.parse.urlsplit(error.geturl()).path, error.read().decode()
