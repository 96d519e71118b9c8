"""Pages of the network: workers, keys, the audit."""

from typing import Any

urlpatterns: list[Any] = []
