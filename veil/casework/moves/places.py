"""Places are told in words: text that holds coordinates, a plus code or a link to a map is refused."""

import re
from typing import Any

from django.utils.translation import gettext as _

_NUMBER = r"[-+]?\d{1,3}[.,]\d{3,}"
_PATTERNS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"(?<![\d.,]){_NUMBER}\s*°?\s*[nsewсюзв]?\s*[,;/| ]\s*{_NUMBER}",  # 55.7558, 37.6173
        r"\d{1,3}\s*[°º]\s*\d{1,2}",  # 55° 45'
        r"\d{1,3}[.,]\d+\s*[°º]",
        r"[nsewсюзв]\s*\d{1,3}[.,]\d{3,}",
        r"\bgeo:",
        r"\b[23456789cfghjmpqrvwx]{4,8}\+[23456789cfghjmpqrvwx]{2,3}\b",  # plus codes
        r"///\s*\w+\.\w+\.\w+",  # three words that name a square
        r"\b(?:https?|ftp)\s*:\s*/\s*/",
        r"\bwww\.",
        r"\b(?:goo\.gl|maps?\.|2gis\.|osm\.org|openstreetmap|what3words|w3w\.co|yandex\.\w+/maps|google\.\w+/maps)",
    )
)


def looks_like_a_map(text: str) -> bool:
    """Tell whether a text holds coordinates, a code of a place, or a link."""
    return any(pattern.search(text) for pattern in _PATTERNS)


def plain(form: Any) -> bool:
    """Tell whether a form is right and every place in it is told in words; what is not gets a sentence beside it."""
    right = bool(form.is_valid())
    for name, told in list(form.cleaned_data.items()):
        if isinstance(told, str) and looks_like_a_map(told):
            form.add_error(name, _("Please say it in words, as you would aloud: no coordinates, no links, no maps."))
            right = False
    return right
