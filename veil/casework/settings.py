"""Django's settings for the casework wing without its pages: `veil.vault.stores.use` comes before `django.setup`."""

import secrets
import shlex
from typing import Any

from veil.casework import zone
from veil.vault import stores
from veil.vault.slots import STORES


def _store(name: str) -> dict[str, Any]:
    told = stores.postgres()
    if told is None:
        engine = {"ENGINE": "veil.vault.sqlcipher", "NAME": name, "OPTIONS": {"transaction_mode": "IMMEDIATE"}}
        return engine | {"CONN_MAX_AGE": None}  # a connection ends with the lock, not with a page
    at = dict(pair.split("=", 1) for pair in shlex.split(told))  # libpq's "host=… dbname=…"
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": at.get("dbname", ""),
        "HOST": at.get("host", ""),
        "PORT": at.get("port", ""),
        "USER": at.get("user", ""),
        "PASSWORD": at.get("password", ""),
        "OPTIONS": {"options": f"-c search_path=veil_{name}"},
        "CONN_MAX_AGE": None,
    }


SECRET_KEY = secrets.token_hex(32)  # signs nothing that outlives the process
DEBUG = False
USE_TZ = True
TIME_ZONE = zone.here()
LANGUAGE_CODE = "en"
INSTALLED_APPS = ["veil.casework"]
DATABASES: dict[str, dict[str, Any]] = {"default": {}} | {name: _store(name) for name in STORES}
DATABASE_ROUTERS = ["veil.casework.world.Router"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LOGGING_CONFIG = None  # nothing is logged: messages could hold what was typed
