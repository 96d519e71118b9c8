"""The vault that these tests work on, and the browser before it."""

from tests.networks import founded, network, time_passes
from tests.web.browser import address, browser
from tests.web.demo import demo, furnished

__all__ = ["address", "browser", "demo", "founded", "furnished", "network", "time_passes"]
