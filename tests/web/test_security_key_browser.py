"""The page's script and a real browser: a key (Chromium's virtual one) answers, and the bytes are right."""

import html
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from django.template.loader import render_to_string

import veil
from tests.web.browser import chromium, needs_chromium
from veil.vault.security_key import (
    KeyRefused,
    Place,
    Question,
    begin_registration,
    begin_unlock,
    finish_registration,
    finish_unlock,
    salt_of,
)
from veil.web.headers import HEADERS

pytestmark = needs_chromium
STATIC = Path(veil.__file__).parent / "web" / "static" / "veil"
PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Notes</title>
<link rel="stylesheet" href="/veil.css"><main><form method="post" data-security-key="{question}"{send}>{part}</form>
</main><script src="/security_key.js" defer></script>"""
SALT = salt_of(b"the salt of a vault")
VIRTUAL = {
    "protocol": "ctap2", "ctap2Version": "ctap2_1", "transport": "usb", "hasResidentKey": True,
    "hasUserVerification": True, "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip


class Site(ThreadingHTTPServer):
    """Serves one page with one question, under the headers of the real pages."""

    page = ""
    posted: str | None = None

    def show(self, question: Question, *, send: bool = False) -> None:
        """Show this question from now on."""
        part = render_to_string("veil/security_key.html", {"key_word": "word"})
        self.page = PAGE.format(
            part=part, question=html.escape(question.told()), send=" data-security-key-send" if send else ""
        )

    @property
    def place(self) -> Place:
        """Where it is."""
        return Place(origins=(f"http://localhost:{self.server_port}",))


class _Answers(BaseHTTPRequestHandler):
    server: Site

    def do_GET(self) -> None:
        """Give the script or the page."""
        kinds = {"/security_key.js": "text/javascript", "/veil.css": "text/css"}
        kind = kinds.get(self.path)
        body = (STATIC / self.path[1:]).read_bytes() if kind else self.server.page.encode()
        self._give(body, kind or "text/html; charset=utf-8")

    def do_POST(self) -> None:
        """Take what the form sends."""
        sent = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.server.posted = sent["security_key"][0]
        self._give(b"<title>Notes</title>taken", "text/html")

    def _give(self, body: bytes, kind: str) -> None:
        self.send_response(200)
        for name, told in (*HEADERS.items(), ("Content-Type", kind), ("Content-Length", str(len(body)))):
            self.send_header(name, told)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Log nothing."""


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    """Serve a page on this machine only."""
    with Site(("127.0.0.1", 0), _Answers) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture(scope="module")
def window(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Start Chromium once."""
    with chromium(tmp_path_factory.mktemp("browser") / "profile") as opened:
        yield opened


@pytest.fixture
def page(window: Any, site: Site) -> Iterator[Any]:
    """Open an empty page on the site; a complaint of the browser (a script error, the policy) fails the test."""
    opened = window.new_page()
    complaints: list[str] = []
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on("console", lambda told: complaints.append(told.text) if told.type == "error" else None)
    site.page = "<title>Notes</title>"
    opened.goto(site.place.origins[0])
    yield opened
    opened.close()
    assert [each for each in complaints if "favicon" not in each] == []


def plug(page: Any, **changes: Any) -> None:
    """Plug in a virtual key."""
    cdp = page.context.new_cdp_session(page)
    cdp.send("WebAuthn.enable")
    cdp.send("WebAuthn.addVirtualAuthenticator", {"options": VIRTUAL | {"hasPrf": True} | changes})


def asked(page: Any, site: Site, question: Question) -> str:
    """Show a question, press the button, and return what is in the form when the page says how it went."""
    site.show(question)
    page.reload()
    page.get_by_role("button", name="Use a security key").click()
    page.wait_for_function("/answer/.test(document.querySelector('[role=status]').textContent)")
    return str(page.input_value("[name=security_key]"))


def test_from_setting_up_to_unlocking(page: Any, site: Site) -> None:
    """A key is set up, confirmed by signature, and opens before anybody is in: same bytes here, others elsewhere."""
    plug(page)
    question = begin_registration(SALT, site.place)
    registration = finish_registration(question, asked(page, site, question))
    question = begin_unlock(SALT, site.place, registration)
    confirmed = finish_unlock(question, asked(page, site, question), registration)
    question = begin_unlock(SALT, site.place)
    assert finish_unlock(question, asked(page, site, question)) == confirmed
    question = begin_unlock(salt_of(b"another vault"), site.place)
    assert finish_unlock(question, asked(page, site, question)) != confirmed
    question = begin_registration(SALT, site.place, [registration])
    assert asked(page, site, question) == ""  # the same key is not set up twice


def test_sent_at_once(page: Any, site: Site) -> None:
    """Where the form says so, it is sent as soon as the key has answered."""
    plug(page)
    made = begin_registration(SALT, site.place)
    finish_registration(made, asked(page, site, made))
    question = begin_unlock(SALT, site.place)
    site.show(question, send=True)
    page.reload()
    page.get_by_role("button", name="Use a security key").click()
    page.get_by_text("taken").wait_for()
    assert len(finish_unlock(question, site.posted or "")) == 32


def test_a_key_that_cannot(page: Any, site: Site) -> None:
    """A key without hmac-secret can be told apart when it is set up."""
    plug(page, hasPrf=False)
    question = begin_registration(SALT, site.place)
    with pytest.raises(KeyRefused, match="lacks hmac-secret"):
        finish_registration(question, asked(page, site, question))


def test_no_key_set_up(page: Any, site: Site) -> None:
    """A key that has nothing for this host leaves the form empty and says that it did not work."""
    plug(page)
    question = begin_unlock(SALT, site.place)
    short = question.told().replace("120000", "300")
    site.show(question)
    site.page = site.page.replace(html.escape(question.told()), html.escape(short))
    page.reload()
    page.get_by_role("button", name="Use a security key").click()
    page.get_by_text("did not answer").wait_for()
    assert page.input_value("[name=security_key]") == ""
    assert page.get_by_role("button", name="Use a security key").is_enabled()


def test_without_webauthn(page: Any, site: Site) -> None:
    """In a browser that knows nothing of security keys (Tor Browser), the button is not there, and nothing breaks."""
    page.add_init_script("delete window.PublicKeyCredential")
    site.show(begin_unlock(SALT, site.place))
    page.reload()
    assert page.locator("main").inner_text().strip() == ""
