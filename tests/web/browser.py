"""A real browser before a real server, for tests: Chromium on a vault served on this machine only."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.networks import CALL_SIGNS, Network, passphrase_of
from veil.casework.network.roles import Role

CHROMIUM = Path(os.environ.get("VEIL_CHROMIUM", "/usr/bin/chromium"))
PATIENCE_MS = 60_000  # what a test waits for comes at once, or on a busy machine much later
_ARGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

needs_chromium = pytest.mark.skipif(
    not CHROMIUM.exists(), reason="NO BROWSER HERE: the stories in a real browser were NOT tried (set VEIL_CHROMIUM)"
)


@contextmanager
def served() -> Iterator[str]:
    """Serve the vault in use on a free port of this machine, and yield its address; stop at the end."""
    from waitress.server import create_server

    from veil.web.wsgi import application

    server = create_server(application, host="127.0.0.1", port=0, threads=4)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.effective_port}"
    finally:
        server.close()
        server.task_dispatcher.shutdown()
        thread.join(timeout=60)


@contextmanager
def chromium(profile: Path, language: str = "en", *, scripts: bool = True) -> Iterator[Any]:
    """Start a browser with an empty profile of its own and yield its context (`new_page()`, `cookies()`)."""
    with _playwright() as play:
        context = play.chromium.launch_persistent_context(
            str(profile),
            executable_path=str(CHROMIUM),
            args=list(_ARGS),
            ignore_default_args=[
                "--disable-back-forward-cache"
            ],  # as people have it: "back" may bring a page as it was
            locale=language,
            java_script_enabled=scripts,
            viewport={"width": 1200, "height": 800},
        )
        context.set_default_timeout(PATIENCE_MS)
        try:
            yield context
        finally:
            context.close()


_playing: list[Any] = []


@contextmanager
def _playwright() -> Iterator[Any]:
    """Yield the one driver of browsers; two people at two browsers share it."""
    if _playing:
        yield _playing[0]
        return
    from playwright.sync_api import sync_playwright

    with pytest.MonkeyPatch.context() as patch, sync_playwright() as play:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # the driver's loop runs in this thread, Django's work does not
        _playing.append(play)
        try:
            yield play
        finally:
            _playing.clear()


def log_in(page: Any, address: str, role: Role, passphrase: str | None = None) -> None:
    """Unlock the vault as the worker of a role, through the page; return when the page that answers is there."""
    sign = CALL_SIGNS[role]
    page.goto(address + "/unlock")
    page.fill("[name=call_sign]", sign)
    page.fill("[name=passphrase]", passphrase or passphrase_of(sign))
    with page.expect_navigation():  # else going on to another page could be overtaken by this one
        page.click("main form button.large")


@pytest.fixture
def address(network: Network) -> Iterator[str]:  # noqa: ARG001  (the vault that is served)
    """Serve a test's own vault and give its address."""
    with served() as at:
        yield at


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[Any]:
    """Give a test a browser that has seen nothing."""
    with chromium(tmp_path / "profile") as context:
        yield context
