"""Places of the field in the reader's language, for the question whose clock counts; others under their tz names."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from veil.casework import zone

# Where people of such networks work, flee from, pass through and wait; one city for each zone is enough.
CITIES = {
    "Europe/Kaliningrad": gettext_lazy("Kaliningrad"),
    "Europe/Moscow": gettext_lazy("Moscow, Grozny, Saint Petersburg"),
    "Europe/Samara": gettext_lazy("Samara"),
    "Asia/Yekaterinburg": gettext_lazy("Yekaterinburg"),
    "Asia/Omsk": gettext_lazy("Omsk"),
    "Asia/Novosibirsk": gettext_lazy("Novosibirsk"),
    "Asia/Krasnoyarsk": gettext_lazy("Krasnoyarsk"),
    "Asia/Irkutsk": gettext_lazy("Irkutsk"),
    "Asia/Yakutsk": gettext_lazy("Yakutsk"),
    "Asia/Vladivostok": gettext_lazy("Vladivostok"),
    "Asia/Magadan": gettext_lazy("Magadan"),
    "Asia/Kamchatka": gettext_lazy("Petropavlovsk-Kamchatsky"),
    "Asia/Tbilisi": gettext_lazy("Tbilisi"),
    "Asia/Yerevan": gettext_lazy("Yerevan"),
    "Asia/Baku": gettext_lazy("Baku"),
    "Asia/Almaty": gettext_lazy("Almaty, Astana"),
    "Asia/Bishkek": gettext_lazy("Bishkek"),
    "Asia/Tashkent": gettext_lazy("Tashkent"),
    "Asia/Dushanbe": gettext_lazy("Dushanbe"),
    "Asia/Ashgabat": gettext_lazy("Ashgabat"),
    "Europe/Istanbul": gettext_lazy("Istanbul"),
    "Europe/Minsk": gettext_lazy("Minsk"),
    "Europe/Kyiv": gettext_lazy("Kyiv"),
    "Europe/Chisinau": gettext_lazy("Chisinau"),
    "Europe/Vilnius": gettext_lazy("Vilnius"),
    "Europe/Riga": gettext_lazy("Riga"),
    "Europe/Tallinn": gettext_lazy("Tallinn"),
    "Europe/Helsinki": gettext_lazy("Helsinki"),
    "Europe/Warsaw": gettext_lazy("Warsaw"),
    "Europe/Prague": gettext_lazy("Prague"),
    "Europe/Vienna": gettext_lazy("Vienna"),
    "Europe/Berlin": gettext_lazy("Berlin"),
    "Europe/Amsterdam": gettext_lazy("Amsterdam"),
    "Europe/Brussels": gettext_lazy("Brussels"),
    "Europe/Paris": gettext_lazy("Paris"),
    "Europe/Rome": gettext_lazy("Rome"),
    "Europe/Madrid": gettext_lazy("Madrid"),
    "Europe/Lisbon": gettext_lazy("Lisbon"),
    "Europe/London": gettext_lazy("London"),
    "Europe/Stockholm": gettext_lazy("Stockholm"),
    "Europe/Oslo": gettext_lazy("Oslo"),
    "Europe/Belgrade": gettext_lazy("Belgrade"),
    "Europe/Sofia": gettext_lazy("Sofia"),
    "Europe/Athens": gettext_lazy("Athens"),
    "Asia/Jerusalem": gettext_lazy("Jerusalem, Tel Aviv"),
    "Asia/Dubai": gettext_lazy("Dubai"),
    "America/Toronto": gettext_lazy("Toronto, Montreal, Ottawa"),
    "America/Vancouver": gettext_lazy("Vancouver"),
    "America/New_York": gettext_lazy("New York"),
    "America/Argentina/Buenos_Aires": gettext_lazy("Buenos Aires"),
}


def choices() -> list[tuple[str, Any]]:
    """Return every place whose hours this machine knows: those of the field in their order of the alphabet, then all.

    A place that has a name in the reader's language is not there twice.
    """
    known = zone.names()
    named = sorted(((name, str(CITIES[name])) for name in known if name in CITIES), key=lambda told: told[1])
    others = [(name, name.replace("_", " ")) for name in known if name not in CITIES]
    return [(_("Places where such networks work"), named), (_("All others, by their international names"), others)]
