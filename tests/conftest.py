"""What holds in every test: nothing leaves the machine, no wardrobe of anybody is looked into, no draw decides."""

import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from tests.days import TODAY

# A test that fails has to fail for whoever broke it, not for whoever comes next: examples are drawn from the test
# itself, and no machine is too slow. VEIL_SEARCH=1 draws new ones each time, and so many times as many: for the hunt.
_SEARCH = int(os.environ.get("VEIL_SEARCH", "0"))
settings.register_profile(
    "veil",
    deadline=None,
    derandomize=not _SEARCH,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
    max_examples=100 * max(1, _SEARCH),
)
settings.load_profile("veil")

_LOOPBACK = ("127.", "::1", "localhost", "::ffff:127.")


class NetworkUsed(AssertionError):
    """A test, or what it tests, tried to reach another machine."""


def _guarded(real: Callable[..., Any]) -> Callable[..., Any]:
    """Return `real` (a method that takes an address) for loopback only."""

    def guarded(self: socket.socket, address: Any, *rest: Any) -> Any:
        host = address[0] if isinstance(address, tuple) else None
        if self.family in (socket.AF_INET, socket.AF_INET6) and not str(host).startswith(_LOOPBACK):
            raise NetworkUsed(f"no test may reach {host}")
        return real(self, address, *rest)

    return guarded


def _guarded_send(self: socket.socket, data: Any, *rest: Any) -> int:
    """Send a datagram, to loopback only; the address comes last, after optional flags."""
    host = rest[-1][0] if rest and isinstance(rest[-1], tuple) else None
    if self.family in (socket.AF_INET, socket.AF_INET6) and not str(host).startswith(_LOOPBACK):
        raise NetworkUsed(f"no test may reach {host}")
    return _REAL_SENDTO(self, data, *rest)


def _guarded_lookup(host: Any, *rest: Any, **options: Any) -> Any:
    """Look up names of this machine only."""
    if host is not None and not str(host).startswith(_LOOPBACK):
        raise NetworkUsed(f"no test may look up {host}")
    return _REAL_LOOKUP(host, *rest, **options)


_REAL_SENDTO = socket.socket.sendto
_REAL_LOOKUP = socket.getaddrinfo


@pytest.fixture(scope="session", autouse=True)
def no_network() -> Iterator[None]:
    """Refuse every connection, datagram and name look-up except on loopback, from before the first test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", _guarded(socket.socket.connect))
        patch.setattr(socket.socket, "connect_ex", _guarded(socket.socket.connect_ex))
        patch.setattr(socket.socket, "sendto", _guarded_send)
        patch.setattr(socket, "getaddrinfo", _guarded_lookup)
        yield


@pytest.fixture(scope="session", autouse=True)
def one_day() -> Iterator[None]:
    """Have it stay one day for whoever lends a face, whenever midnight comes."""
    from veil.disguise import lent

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lent, "today", lambda: TODAY)
        yield


@pytest.fixture(autouse=True)
def own_wardrobe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty wardrobe for lent doubles, which each test has to itself."""
    folder = tmp_path / ".wardrobe"
    monkeypatch.setenv("VEIL_WARDROBE", str(folder))
    return folder
