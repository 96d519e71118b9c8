"""What a film tells its viewers about the disguise: a soft halo, a sentence over its beginning, a mark in a corner."""

from dataclasses import dataclass
from typing import Literal

Language = Literal["en", "ru", "uk", "de", "fr", "es", "pt", "it", "pl", "tr"]
LANGUAGES: tuple[Language, ...] = ("en", "ru", "uk", "de", "fr", "es", "pt", "it", "pl", "tr")
"""Those whose letters the built-in font draws truly; what runs from right to left it does not."""
Corner = Literal["off", "top left", "top right", "bottom left", "bottom right"]
CORNERS: tuple[Corner, ...] = ("off", "top left", "top right", "bottom left", "bottom right")
HALO_MOST = 300


@dataclass(frozen=True)
class Signals:
    """The signs that somebody is disguised; all of them are for the viewer, none hides anyone."""

    halo: int = 100  # percent of the usual softness around a double, 0 to 300
    card: Literal["on", "off"] = "on"  # a sentence over the first seconds
    text: str = ""  # of the card, instead of Veil's own
    language: Language = "en"
    mark: Corner = "off"  # where a small sign stands all through the film
