"""In and out of the vault through the browser."""

import pytest

from tests.networks import Network
from veil.casework.network.roles import Role


@pytest.mark.parametrize("role", Role)
def test_every_role_gets_in_and_out(network: Network, role: Role) -> None:
    """Unlocking leads to the worker's first page; after locking the same browser is outside again."""
    browser = network.browser(role)
    assert browser.get("/").status_code in {200, 403}
    browser.get("/lock")
    assert browser.get("/").headers["Location"] == "/unlock"


def test_nothing_is_cached(network: Network) -> None:
    """Every answer forbids caching, framing and anything from elsewhere."""
    for browser, address in ((network.browser(Role.COORDINATOR), "/"), (network.browser(Role.OPERATOR), "/unlock")):
        answer = browser.get(address)
        assert answer.headers["Cache-Control"] == "no-store"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
