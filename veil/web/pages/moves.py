"""Pages of moves: what they show, and what they do."""

from typing import Any

urlpatterns: list[Any] = []
