"""The vault that these tests work on, and the browser before it."""

from tests.networks import founded, network, time_passes
from tests.web.browser import address, browser

__all__ = ["address", "browser", "founded", "network", "time_passes"]
