"""What every template may use."""

from typing import Any

from django.http import HttpRequest


def everywhere(request: HttpRequest) -> dict[str, Any]:
    """Return the worker's hand (None before unlocking), for the menu."""
    return {"hand": getattr(request, "hand", None)}
