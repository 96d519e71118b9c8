"""Making ready: which vault this process works on, said before anything of Django is loaded."""

import os
from pathlib import Path

import django

from veil.vault import stores


def ready(folder: Path, postgres: str | None = None, settings: str = "veil.casework.settings") -> None:
    """Work on the vault in `folder` (and the stores in a PostgreSQL database, where one is named)."""
    stores.use(folder, postgres)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", settings)
    django.setup()
