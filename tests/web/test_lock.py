"""In and out of the vault through the browser."""

import re
import time
from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.networks import CALL_SIGNS, Network, Still, passphrase_of
from veil.casework import clock, world
from veil.casework.network.models import AuditEvent, Worker, World
from veil.casework.network.roles import Role
from veil.vault import guesses
from veil.vault.sqlcipher.base import DatabaseWrapper
from veil.web import door, drafts

STORY = "He was told to be at the station by noon and nobody met him there."


def client(language: str = "en", **told: Any) -> Client:
    """Return a browser that nobody has unlocked anything in."""
    return Client(headers={"accept-language": language}, SERVER_NAME="localhost", **told)


@pytest.mark.parametrize("role", Role)
def test_every_role_gets_in_and_out(network: Network, role: Role) -> None:
    """Unlocking leads to the worker's first page; after locking the same browser is outside again."""
    browser = network.browser(role)
    assert browser.get("/").status_code in {200, 403}
    browser.get("/lock")
    assert browser.get("/").headers["Location"] == "/unlock"


def test_nothing_is_cached(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every kind of answer forbids keeping it, framing it, and reading it from elsewhere: also errors and files."""
    inside, strict = network.browser(Role.OPERATOR), client(enforce_csrf_checks=True)
    inside.raise_request_exception = False
    css = "/static/veil/veil.css"
    answers = [
        *(inside.get(at) for at in ("/requests/", "/", "/nothing/here", "/cases/new", "/unlock", "/%ff%00")),
        *(client().get(at) for at in ("/", "/unlock", "/nothing/here", "/ask/", css, "/static/none", "/new", "/out")),
        client().get(css, headers={"if-modified-since": "Fri, 31 Dec 2060 00:00:00 GMT"}),
        client().get(css, headers={"range": "bytes=0-5"}),
        client().head("/unlock"),
        client().delete("/unlock"),
        client().options("/"),
        client().get("/requests/", headers={"hx-request": "true"}),
        client().get("/unlock", headers={"host": "elsewhere.example"}),
        client().get("/unlock", REMOTE_ADDR="192.0.2.7"),
        client().post("/unlock", headers={"sec-fetch-site": "cross-site"}),
        strict.post("/unlock", {"call_sign": "Wren"}),
        client().post("/unlock", {"call_sign": "Wren", "passphrase": "wrong"}),
        inside.post("/requests/new", {"happened": "x" * 3_000_000}),
        inside.post("/requests/new", {"happened": STORY}),
    ]
    monkeypatch.setattr(DatabaseWrapper, "_commit", lambda _self: 1 / 0)
    answers += [inside.post("/requests/new", {"happened": STORY}), inside.get("/requests/")]
    for answer in answers:
        answer.close()
        assert answer.headers["Cache-Control"] == "no-store"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert not [name for name in answer.headers if name.startswith("Access-Control")]
        assert answer.headers.get("Location", "/").startswith("/")
    assert {answer.status_code for answer in answers} >= {200, 204, 206, 302, 304, 400, 403, 404, 503}


@pytest.mark.usefixtures("network")
def test_whoever_is_refused_hears_the_same() -> None:
    """An unknown call sign, a wrong passphrase, another's passphrase: the same page to the byte."""
    pages = set()
    for sign, words in (("Heron", "wrong"), ("Nobody", "wrong"), ("Heron", passphrase_of("Wren")), ("", "")):
        answer = client().post("/unlock", {"call_sign": sign, "passphrase": words})
        assert answer.status_code == 403
        page = answer.content.decode().replace(f'value="{sign}"', "").partition("<main")[2]
        pages.add(re.sub(r'data-security-key="[^"]*"', "", page))
    assert len({page.partition("csrfmiddlewaretoken")[0] for page in pages}) == 1


def test_guessing_gets_slower_and_others_are_not_shut_out(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    """After some wrong tries even the right words wait; another call sign does not; a restart helps nobody."""
    monkeypatch.setattr(guesses, "time", Still())
    for _ in range(guesses.FREE):
        client().post("/unlock", {"call_sign": "Heron", "passphrase": "wrong"})
    answer = client("ru").post("/unlock", {"call_sign": "heron ", "passphrase": passphrase_of("Heron")})
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) >= 1
    assert network.browser(Role.HOST)
    monkeypatch.setattr(guesses, "_of", {})
    answer = client().post("/unlock", {"call_sign": "Heron", "passphrase": passphrase_of("Heron")})
    assert answer.status_code == 429
    tries = guesses.of(network.folder)
    tries._floor = (tries._floor[0], tries._floor[1] - 3600)
    tries._wrong.clear()
    answer = client().post("/unlock", {"call_sign": "Heron", "passphrase": passphrase_of("Heron")})
    assert answer.status_code == 302


@pytest.mark.parametrize("why", ["idle", "slept"])
def test_what_is_sent_after_the_lock_is_given_back_to_its_writer_alone(
    network: Network, monkeypatch: pytest.MonkeyPatch, why: str
) -> None:
    """It is sealed in memory meanwhile, offered after unlocking, to nobody else, and gone when thrown away."""
    browser = network.browser(Role.OPERATOR)
    if why == "idle":
        next(iter(door._sessions.values())).last -= door.IDLE_S + 1
    else:
        monkeypatch.setattr(door, "_clocks", [time.monotonic() - 60, time.time() - 3600])
    answer = browser.post("/requests/new", {"happened": STORY, "passphrase": "not to be kept at all"})
    assert answer.headers["Location"] == "/unlock"
    assert not door._sessions
    assert all(STORY.encode() not in box for _, box in drafts._kept.values())
    assert len(drafts._kept) == 1
    assert b'role="status"' in browser.get("/unlock").content
    other = network.browser(Role.HOST)
    assert STORY not in other.get("/again").content.decode()
    sent = {"call_sign": "Wren", "passphrase": passphrase_of("Wren")}
    assert browser.post("/unlock", sent).headers["Location"] == "/again"
    page = browser.get("/again").content.decode()
    assert STORY in page
    assert 'action="/requests/new"' in page
    assert "not to be kept" not in page
    browser.post("/again")
    assert browser.get("/again").status_code == 302
    assert not drafts._kept


def test_a_day_is_the_longest_and_a_quiet_page_keeps_nobody_in(network: Network) -> None:
    """Twelve hours end even a busy session; a page that looks again by itself does not count as somebody there."""
    browser = network.browser(Role.COORDINATOR)
    session = next(iter(door._sessions.values()))
    session.last -= 500
    browser.get("/?again=1")
    assert time.monotonic() - session.last > 400
    browser.get("/")
    assert time.monotonic() - session.last < 100
    session.began -= door.LONGEST_S + 1
    assert browser.get("/").headers["Location"] == "/unlock"


def test_how_long_nobody_may_be_there_is_a_setting(network: Network) -> None:
    """A network may choose one minute to an hour."""
    chief = network.hand(Role.COORDINATOR)
    with world.within(chief.store):
        World.objects.update(settings=World.objects.get().settings | {"idle minutes": 2})
    network.browser(Role.OPERATOR)
    assert [one.idle_s for one in door._sessions.values()] == [120]


def test_a_page_without_anything_to_type_in_leaves_the_screen(network: Network) -> None:
    """Without scripts too the browser goes to the lock when the session has ended by itself."""
    told = network.browser(Role.COORDINATOR).get("/nothing/here").headers["Refresh"]
    assert told == f"{door.IDLE_S + 5}; url=/unlock"


def test_a_revoked_workers_open_page_says_so_and_shows_nothing(network: Network) -> None:
    """Their next click ends the session with a clear sentence; nothing of what they send is kept."""
    browser = network.browser(Role.OPERATOR, "ru")
    chief = network.hand(Role.COORDINATOR)
    with world.within(chief.store):
        Worker.objects.filter(call_sign="Wren").update(ended=clock.now())
    answer = browser.post("/requests/new", {"happened": STORY})
    assert answer.status_code == 403
    assert "доступ" in answer.content.decode().casefold()
    assert "Wren" not in answer.content.decode()
    assert STORY not in answer.content.decode()
    assert not drafts._kept
    assert browser.get("/").headers["Location"] == "/unlock"


def test_the_way_out_works_for_everybody_at_once(network: Network) -> None:
    """One request, with or without a token or a session, ends it, and has the browser forget what it can."""
    browser = network.browser(Role.COORDINATOR)
    strict = Client(enforce_csrf_checks=True, SERVER_NAME="localhost")
    strict.cookies = browser.cookies
    answer = strict.post("/out")
    assert answer.status_code == 200
    assert answer.headers["Clear-Site-Data"] == '"cache", "cookies", "storage"'
    assert not door._sessions
    page = answer.content.decode()
    assert "Heron" not in page
    assert strict.get("/out").status_code == 200


@pytest.mark.usefixtures("network")
def test_a_token_that_was_there_before_gets_nobody_in() -> None:
    """Unlocking makes a new token, ends the session that the browser had, and takes none from outside."""
    browser = client()
    browser.cookies[door.COOKIE] = "planted"
    browser.post("/unlock", {"call_sign": "Heron", "passphrase": passphrase_of("Heron")})
    first = browser.cookies[door.COOKIE].value
    assert first != "planted"
    assert "planted" not in door._sessions
    browser.post("/unlock", {"call_sign": "Wren", "passphrase": passphrase_of("Wren")})
    assert first not in door._sessions
    assert [one.hand.call_sign for one in door._sessions.values()] == ["Wren"]


def test_one_worker_has_a_few_sessions_and_no_more(network: Network) -> None:
    """The oldest ends when a sixth begins; the others go on beside each other."""
    browsers = [network.browser(Role.OPERATOR) for _ in range(6)]
    assert [one.get("/").status_code for one in browsers] == [302, 200, 200, 200, 200, 200]


def test_another_machine_hears_nothing_without_encryption(network: Network) -> None:
    """Only this machine itself is answered over plain http; a form from another site is refused."""
    assert client().get("/unlock", REMOTE_ADDR="192.168.1.7").content == b""
    assert client().get("/unlock", REMOTE_ADDR="192.168.1.7", secure=True).status_code == 200
    assert client().get("/unlock", REMOTE_ADDR="::1").status_code == 200
    answer = network.browser(Role.COORDINATOR).post("/lock", headers={"sec-fetch-site": "cross-site"})
    assert answer.status_code == 403
    assert len(door._sessions) == 1


def test_a_passphrase_is_changed_by_whoever_knows_the_old_one(network: Network) -> None:
    """A weak one, two that differ, and a wrong old one are refused; then the new one opens and the old one does not."""
    browser = network.browser(Role.OPERATOR)
    new = "kettle otter plum raven tent violin"
    old = passphrase_of("Wren")

    def send(now: str, first: str, again: str) -> int:
        sent = {"what": "own", "passphrase": now, "new_passphrase": first, "new_passphrase_again": again}
        return int(browser.post("/network/i", sent).status_code)

    assert send(old, "password1", "password1") == 400
    assert send(old, new, new + " ") == 400
    assert send("wrong", new, new) == 400
    assert send(old, new, new) == 302
    assert client().post("/unlock", {"call_sign": "Wren", "passphrase": new}).status_code == 302
    assert client().post("/unlock", {"call_sign": "Wren", "passphrase": old}).status_code == 403


def test_every_page_of_ones_own_is_there_in_both_languages(network: Network) -> None:
    """Each role can change its own way in, in its own language."""
    for role in Role:
        assert "Your way in" in network.browser(role).get("/network/i").content.decode()
    assert "Ваш вход" in network.browser(Role.HOST, "ru").get("/network/i").content.decode()


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    sign=st.text(max_size=200),
    words=st.one_of(st.text(max_size=200), st.sampled_from(["\0", "\ud800", "й" * 3000])),
    raw=st.one_of(st.none(), st.binary(max_size=300)),
)
def test_no_words_break_the_door(network: Network, sign: str, words: str, raw: bytes | None) -> None:
    """Whatever is typed or sent is refused politely: never an error page of the server's own."""
    guesses.of(network.folder)._wrong.clear()
    guesses.of(network.folder)._floor = (0.0, 0.0)
    told = {"call_sign": sign, "passphrase": words}
    sent = {name: said.encode(errors="surrogatepass") for name, said in told.items()}
    if raw is None:
        answer = client().post("/unlock", sent)
    else:
        kind = "application/x-www-form-urlencoded; charset=utf-16" if raw[:1] > b"m" else "multipart/form-data"
        answer = client().generic("POST", "/unlock", raw, content_type=kind)
    assert answer.status_code in {400, 403, 413, 429}


@pytest.mark.usefixtures("network")
def test_a_megabyte_is_refused_like_a_word() -> None:
    """However long a passphrase or a call sign is, the answer is the one to any wrong one; or that it is too much."""
    for size, status in ((1_000_000, 403), (3_000_000, 400)):
        browser = client()
        browser.raise_request_exception = False
        assert browser.post("/unlock", {"call_sign": "x" * size, "passphrase": "y"}).status_code == status


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=st.lists(st.text(max_size=80), min_size=5, max_size=5))
def test_no_words_break_the_page_of_ones_own(network: Network, words: list[str]) -> None:
    """Whatever is typed as a passphrase or a role is refused politely, and changes nothing."""
    browser = network.browser(Role.OPERATOR)
    guesses.of(network.folder)._wrong.clear()
    names = ("what", "passphrase", "new_passphrase", "new_passphrase_again", "role")
    told = {name: said.encode(errors="surrogatepass") for name, said in zip(names, words, strict=True)}
    assert browser.post("/network/i", told).status_code == 400
    guesses.of(network.folder)._wrong.clear()


def test_the_audit_says_who_came_in_and_nothing_that_was_typed(network: Network) -> None:
    """One event an unlocking; a wrong try leaves none."""
    chief = network.hand(Role.COORDINATOR)
    client().post("/unlock", {"call_sign": CALL_SIGNS[Role.HOST], "passphrase": "wrong"})
    with world.within(chief.store):
        assert AuditEvent.objects.filter(act="unlocked").count() == 1


FOLLOWED = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
@pytest.mark.parametrize(
    ("address", "asked_as", "answered"),
    [
        ("/unlock", FOLLOWED, 200),
        ("/ask/", FOLLOWED, 404),
        ("/out", FOLLOWED, 403),
        ("/lock", FOLLOWED, 403),
        ("/unlock", {"sec-fetch-mode": "no-cors", "sec-fetch-dest": "image"}, 403),
        ("/static/veil/ask.js", {"sec-fetch-mode": "no-cors", "sec-fetch-dest": "script"}, 403),
        ("/unlock", {"sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe"}, 403),
        ("/unlock", {"sec-fetch-mode": "cors", "sec-fetch-dest": "empty"}, 403),
    ],
)
def test_a_page_open_in_the_same_browser_does_nothing_here(
    network: Network, address: str, asked_as: dict[str, str], answered: int, site: str
) -> None:
    """A link is followed; no picture, script or frame of ours is had, and nobody else locks or empties the browser."""
    answer = network.browser(Role.COORDINATOR).get(address, headers=FOLLOWED | asked_as | {"sec-fetch-site": site})
    assert answer.status_code == answered
    if answered == 403:
        assert not answer.content
        assert not answer.cookies
        assert "Clear-Site-Data" not in answer.headers
