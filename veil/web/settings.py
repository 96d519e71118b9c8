"""Django's settings for the pages. No session table, no admin, no log: what is not written cannot be seized."""

import logging
from pathlib import Path

from veil.casework.settings import *  # noqa: F403  (settings are read by name)

logging.getLogger("django").setLevel(logging.CRITICAL + 1)  # its words hold addresses and what an error was about
logging.getLogger("django").addHandler(logging.NullHandler())

_HERE = Path(__file__).parent

ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", ".onion"]
ROOT_URLCONF = "veil.web.urls"
WSGI_APPLICATION = "veil.web.wsgi.application"
INSTALLED_APPS = ["veil.casework", "veil.web", "django_htmx", "django.contrib.staticfiles"]
MIDDLEWARE = [
    "veil.web.headers.Headers",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "veil.web.door.Door",
    "django_htmx.middleware.HtmxMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [_HERE / "templates"],
        "APP_DIRS": False,
        "OPTIONS": {
            "context_processors": ["django.template.context_processors.request", "veil.web.context.everywhere"],
        },
    }
]
STATIC_URL = "/static/"
STATICFILES_DIRS = [_HERE / "static"]
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 0
WHITENOISE_ALLOW_ALL_ORIGINS = False  # else any site that is open in the same browser could see that Veil runs here
FORMAT_MODULE_PATH = ["veil.web.formats"]
LANGUAGES = [("en", "English"), ("ru", "Русский")]
LOCALE_PATHS = sorted(path for path in (_HERE / "locale").iterdir() if path.is_dir())  # one catalogue a part
LANGUAGE_COOKIE_SAMESITE = "Strict"
CSRF_COOKIE_NAME = "t"  # the usual name tells which framework, and so which program, was used
LANGUAGE_COOKIE_NAME = "l"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Strict"
CSRF_COOKIE_AGE = None
CSRF_FAILURE_VIEW = "veil.web.sorry.forged"
FILE_UPLOAD_HANDLERS = ["veil.web.uploads.MemoryOnly"]  # nothing that is uploaded touches the disk in the clear
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DEMO = False  # every page says that its network is an invented one

for _name in ("django", "waitress"):  # Python prints warnings that nobody handles: with addresses, and what was sent
    logging.getLogger(_name).handlers = [logging.NullHandler()]
    logging.getLogger(_name).propagate = False
