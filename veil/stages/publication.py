"""The publication record: what a plan says of it, and schema.org's VideoObject as JSON-LD, free of the original.

https://schema.org/VideoObject; durations: ISO 8601; languages: BCP 47; what is synthetic: IPTC's digital source types.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from fractions import Fraction
from typing import Any, Literal

from veil.disguise.scene.signs import SENTENCES
from veil.errors import VeilError
from veil.nouns.plan import Plan
from veil.nouns.publication import Publication
from veil.stages.told import only, quoted

_HINT = "correct [publication] in plan.toml, or take it out"
_REMARKS = {
    "title": "what the film is called where it is published",
    "description": "what it is about, in a few sentences",
    "section": "of the site or series in which it appears",
    "identifier": "your own number or name for it",
    "address": "of what it shows, no finer than may be known: a country, a region",
    "language": "that is spoken, such as ru; empty: as heard",
    "publisher": "who publishes it",
}


def read_publication(table: Any) -> Publication:
    """Return what the plan's [publication] says; raise VeilError when it says something that Veil does not know."""
    if not isinstance(table, dict):
        raise VeilError("the plan's part for the publication is not a table", _HINT)
    only(table, {field.name for field in fields(Publication)}, "`publication`")
    told = {key: table[key] for key in _REMARKS if key in table}
    for key, value in told.items():
        if not isinstance(value, str):
            raise VeilError(f"`{key}` in [publication] is not a text", "write it between quotes, or leave it empty")
    if not re.fullmatch(r"([a-z]{2,3}(-[A-Za-z0-9]{2,8})*)?", told.get("language", "")):
        raise VeilError("the language in [publication] is not a language's code", 'write it like language = "ru"')
    day = table.get("published")
    if day is not None and (isinstance(day, datetime) or not isinstance(day, date)):
        raise VeilError("`published` in [publication] is not a day", "write it without quotes: published = 2026-11-30")
    return Publication(**{key: value.strip() for key, value in told.items()}, published=day)


def written_publication(publication: Publication) -> list[str]:
    """Return the lines of a plan that say this publication; `read_publication` reads them back."""
    lines = ["[publication]  # the record beside the finished film; it tells nothing of the original"]
    for key, remark in _REMARKS.items():
        value = quoted(getattr(publication, key))
        lines.append(f"{key} = {value}  # {remark}")
    day = publication.published
    return [*lines, f"published = {day.isoformat()}" if day else "# published = 2026-11-30  # never a day of filming"]


@dataclass(frozen=True)
class Shown:
    """What the record tells of the result beside the publisher's own words."""

    length_s: Fraction
    language: str
    transcript: str
    languages: Sequence[str]  # of transcripts and subtitles, the spoken one first
    subtitles: Literal["beside", "burned in", "left out"]
    aliases: Sequence[str]
    disclosure: str  # "" where nobody is disguised


def attribution(alias: str) -> str:
    """Return the line that says under which name somebody appears."""
    return f"identified as {alias}"


def disclosure_sentence(plan: Plan) -> str:
    """Return the sentence with which the film tells its viewers that people are disguised."""
    return plan.signals.text or SENTENCES[plan.signals.language]


def as_jsonld(publication: Publication, shown: Shown) -> str:
    """Return the record: no file names, no checksum, no day but that of publication, nobody's name but aliases."""
    told = publication
    language = told.language or shown.language
    features = ["openCaptions"] * (shown.subtitles == "burned in") + ["transcript"] * bool(shown.transcript)
    features += ["closedCaptions"] * (shown.subtitles != "left out")
    record: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "VideoObject",
        "name": told.title,
        "description": told.description,
        "disambiguatingDescription": shown.disclosure,
        "duration": iso_duration(shown.length_s),
        "isPartOf": {"@type": "CreativeWork", "name": told.section} if told.section else "",
        "identifier": told.identifier,
        "contentLocation": {"@type": "Place", "address": told.address} if told.address else "",
        "inLanguage": language,
        "datePublished": told.published.isoformat() if told.published else "",
        "uploadDate": told.published.isoformat() if told.published else "",
        "publisher": {"@type": "Organization", "name": told.publisher} if told.publisher else "",
        "contributor": [{"@type": "Person", "name": a, "description": attribution(a)} for a in shown.aliases],
        "creditText": "; ".join(attribution(alias) for alias in shown.aliases),
        "digitalSourceType": "https://schema.org/CompositeSyntheticDigitalSource" if shown.disclosure else "",
        "accessibilityFeature": sorted(features),
        "caption": [
            {"@type": "MediaObject", "encodingFormat": "text/vtt", "inLanguage": code}
            for code in shown.languages
            if shown.subtitles != "left out"
        ],
        "transcript": shown.transcript,
    }
    return json.dumps({key: value for key, value in record.items() if value}, ensure_ascii=False, indent=1) + "\n"


def iso_duration(length_s: Fraction) -> str:
    """Return a length in ISO 8601, to the second: PT1H2M3S."""
    whole = round(length_s)
    hours, minutes, seconds = whole // 3600, whole // 60 % 60, whole % 60
    parts = f"{hours}H" * (hours > 0) + f"{minutes}M" * (minutes > 0) + f"{seconds}S" * (seconds > 0 or not whole)
    return f"PT{parts}"
