"""The pages in a real browser: in, about, and out."""

from typing import Any

import pytest

from tests.web.browser import log_in, needs_chromium
from veil.casework.network.roles import Role

pytestmark = needs_chromium


@pytest.mark.usefixtures("network")
def test_a_real_browser_gets_in(address: str, browser: Any) -> None:
    """The form of the lock is accepted from a browser that tells others no referrer, and leads to the board."""
    page = browser.new_page()
    log_in(page, address, Role.COORDINATOR)
    assert page.url == address + "/", page.content()
