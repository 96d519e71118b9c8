"""The vault that these tests work on."""

from tests.networks import founded, network, time_passes

__all__ = ["founded", "network", "time_passes"]
