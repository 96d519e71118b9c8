"""The invented network for tests: made once, then lent to each file of tests that asks for it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from tests.networks import close
from veil.casework.demo import Demo
from veil.vault import stores
from veil.web import serve

Furnished = tuple[Path, Demo]


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Furnished:
    """Make the invented network."""
    folder = tmp_path_factory.mktemp("demo") / "vault"
    made: Demo = serve.furnish(folder, "en")
    settings.DEMO = False
    close()
    return folder, made


@pytest.fixture(scope="module")
def demo(furnished: Furnished) -> Iterator[Demo]:
    """Give the invented network, as `veil serve --demo` shows it."""
    folder, made = furnished
    stores.use(folder)
    settings.DEMO = True
    yield made
    settings.DEMO = False
    close()
