"""The report as pages: one that may be shared, and a sealed one with the real faces beside. No script, no network."""

import base64
import html
import math
import re
from collections.abc import Collection, Iterable, Mapping
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np

from veil.nouns.picture import Box, Picture, Pixels
from veil.nouns.report import GRAVITY, OWN_VOICE, Attack, Moment, Report, Trace
from veil.stages.case import CaseFolder, write_json
from veil.stages.plots import bar, short_clock, sign, timeline
from veil.stages.prose import KINDS, LIMITS, TONES, WORDS, headline, meaning_of, ratio_of, sentence, title_of
from veil.stages.style import STYLE
from veil.whole import write_whole

Pictures = Mapping[int, tuple[Pixels, Pixels]]
"""By place in `worst(report)`, from 0: a crop of the original and the same crop of the result."""

_SHOWN = 10
_APART_S = 1.0  # of moments closer than this only the worst is shown
_SIDE_PX = 360
_HIDDEN = "▒▒▒"
_ORDINARY = frozenset((
    "camera", "clip", "cover", "cut", "face", "film", "frame", "movie", "report", "video", "voice",
    "a", "an", "and", "as", "at", "be", "by", "in", "is", "it", "no", "not", "of", "on", "or", "the", "to",
))  # fmt: skip
"""Words that the report needs and that tell nothing when a film is called so."""


def write_pages(
    folder: CaseFolder, report: Report, pictures: Pictures, rate_hz: Fraction | float, secrets: Collection[str] = ()
) -> None:
    """Write report.json, report.html, and sealed/report.html, which alone shows real faces.

    What still shows in the result is a real face too: of a frame that has a finding only the sealed page has pictures.

    `secrets` (the film's name and the words in it, say) are blacked out, each as it is given, wherever the report's
    own words hold them; only words that tell nothing stay. Raises OSError when the case cannot be written.
    """
    discreet = _Discreet(secrets)
    write_json(folder.report, _facts(report, discreet))
    _write(folder.path / "report.html", _Page(report, pictures, float(rate_hz), discreet, sealed=False).text())
    sealed = folder.path / "sealed"
    sealed.mkdir(mode=0o700, exist_ok=True)
    sealed.chmod(0o700)
    _write(sealed / "report.html", _Page(report, pictures, float(rate_hz), discreet, sealed=True).text())


def worst(report: Report, rate_hz: Fraction | float) -> tuple[Moment, ...]:
    """Return the moments to be looked at, at most ten: what was found first, then who is nearest to being known."""
    found = [Moment(f.index, None, f.box, 1 + f.score, f"{KINDS[f.kind]}.") for f in report.findings]
    chosen: list[Moment] = []
    for moment in [*found, *sorted(report.moments, key=lambda m: -m.ratio)]:
        apart = (abs(m.index - moment.index) >= _APART_S * float(rate_hz) for m in chosen if m.person == moment.person)
        if len(chosen) < _SHOWN and all(apart):
            chosen.append(moment)
    return tuple(chosen)


def view(box: Box, picture: Picture) -> Pixels:
    """Return a square around a person with a margin, shifted into the picture; RGB, at most 360 px a side."""
    side = min(max(box.width, box.height, 16) * 2, picture.width, picture.height)
    left = int(np.clip(math.floor(box.centre[0] - side / 2), 0, picture.width - side))
    top = int(np.clip(math.floor(box.centre[1] - side / 2), 0, picture.height - side))
    pixels = picture.rgb(Box(left, top, left + side, top + side))
    scale = _SIDE_PX / max(pixels.shape[:2])
    if scale < 1:
        size = max(1, round(pixels.shape[1] * scale)), max(1, round(pixels.shape[0] * scale))
        pixels = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
    return pixels


def _write(path: Path, text: str) -> None:
    write_whole(path, text.encode())


class _Discreet:
    """Takes secrets out of words, then makes them fit for a page."""

    def __init__(self, secrets: Collection[str]) -> None:
        told = sorted({s for s in secrets if s and s.lower() not in _ORDINARY}, key=len, reverse=True)
        alone = (rf"(?<![^\W_]){re.escape(s)}(?![^\W_])" for s in told)
        self._secret = re.compile("|".join(alone) or r"(?!)", re.IGNORECASE)

    def plain(self, words: str) -> str:
        return self._secret.sub(_HIDDEN, words)

    def __call__(self, words: str) -> str:
        return html.escape(self.plain(words))


# ── report.json ────────────────────────────────────────────────────────────────────────────────────────────────────


def _facts(report: Report, discreet: _Discreet) -> dict[str, object]:
    return {
        "verdict": report.verdict,
        "frames_searched": report.frames,
        "undecodable": report.undecodable,
        "findings": [
            {"frame": f.index, "box": _corners(f.box), "score": f.score, "kind": f.kind} for f in report.findings
        ],
        "attacks": [
            {
                "person": a.person,
                "channel": a.channel,
                "by": discreet.plain(a.by),
                "score": a.score,
                "limit": a.limit,
                "verdict": a.verdict,
                "frame": a.frame,
                "said": discreet.plain(a.said),
            }
            for a in report.attacks
        ],
        "moments": [
            {
                "frame": m.index,
                "person": m.person,
                "box": _corners(m.box),
                "ratio": m.ratio,
                "said": discreet.plain(m.said),
            }
            for m in report.moments
        ],
        "traces": {person: _summary(trace) for person, trace in report.traces.items()},
        "not_checked": [discreet.plain(words) for words in report.not_checked],
        "disclosure": discreet.plain(report.disclosure),
    }


def _corners(box: Box) -> list[int]:
    return [box.left, box.top, box.right, box.bottom]


def _summary(trace: Trace) -> dict[str, object]:
    """Return a trace in a few numbers; null where nothing was measured."""
    told: dict[str, object] = {"frames": len(trace.frames)}
    for name in ("likeness", "covered", "expression", "flicker"):
        values = getattr(trace, name)
        known = values[np.isfinite(values)]
        least, mean, most = (float(v) for v in (known.min(), known.mean(), known.max())) if len(known) else [None] * 3
        told[name] = {"measured": len(known), "least": least, "mean": mean, "most": most}
    return told


# ── report.html ────────────────────────────────────────────────────────────────────────────────────────────────────


_NUMBER = ' class="number"'
_HEADS = (
    ("Told by", ""),
    ("Score", _NUMBER),
    ("Limit", _NUMBER),
    ("Against the limit", ""),
    ("Verdict", ""),
    ("What it means", ""),
)


class _Page:
    """One page; `sealed` sets the real face beside what became of it."""

    def __init__(
        self, report: Report, pictures: Pictures, rate_hz: float, discreet: _Discreet, *, sealed: bool
    ) -> None:
        self._report, self._pictures, self._rate_hz, self._sealed = report, pictures, max(rate_hz, 1e-6), sealed
        self._said = discreet
        self._shows = {f.index for f in report.findings}  # frames in which a real face may still be seen

    def text(self) -> str:
        name = "Attack report, sealed" if self._sealed else "Attack report"
        parts = (self._verdict(), self._people(), self._frames(), self._course(), self._open_ends(), _method())
        methods = self._methods()
        return (
            f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{name}</title>\n'
            '<meta name="viewport" content="width=device-width,initial-scale=1">\n'
            '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; img-src data:; '
            "style-src 'unsafe-inline'\">\n"
            '<meta name="referrer" content="no-referrer"><meta name="robots" content="noindex">\n'
            f"<style>{STYLE}</style></head>\n<body>{_WARNING if self._sealed else ''}\n"
            f"<main>{''.join(parts)}{methods}</main>\n{_foot(self._sealed)}\n</body></html>\n"
        )

    def _verdict(self) -> str:
        report = self._report
        verdict, then = headline(report)
        people = len({a.person for a in report.attacks if a.person and a.channel != OWN_VOICE})
        facts = [
            f"<b>{report.frames:,}</b> frames searched",
            f"<b>{short_clock(report.frames / self._rate_hz)}</b> of film",
            f"<b>{people}</b> {'person' if people == 1 else 'people'} under protection",
        ]
        if report.undecodable:
            facts.append(f"<b>{report.undecodable:,}</b> damaged packets could not be read")
        if report.disclosure:
            facts.append(self._said(report.disclosure))
        return (
            '<p class="what">Veil attacked its own result. This is what it found.</p>\n'
            f'<section class="verdict {TONES[report.verdict]}">{sign(report.verdict)}<div>'
            f'<p class="word">{WORDS[report.verdict]}</p><h1>{self._said(verdict)}</h1><p>{_code(self._said(then))}</p>'
            f'</div></section>\n<ul class="facts">{"".join(f"<li>{f}</li>" for f in facts)}</ul>\n'
        )

    def _people(self) -> str:
        by_person: dict[str | None, list[Attack]] = {}
        for attack in self._report.attacks:
            by_person.setdefault(attack.person, []).append(attack)
        if not by_person:
            return "<h2>Person by person</h2><p>Nobody was attacked, so nothing is proven.</p>"
        order = sorted(by_person.items(), key=lambda kv: (kv[0] is None, *_gravity(kv[1]), _in_turn(kv[0] or "")))
        cards = "".join(self._card(person, attacks) for person, attacks in order)
        return (
            "<h2>Person by person</h2><p>Each line is one way to find out who somebody is. The bar shows how near it "
            f"came: the upright mark is the limit, and nothing may reach it.</p>{cards}"
        )

    def _card(self, person: str | None, attacks: list[Attack]) -> str:
        verdict = min((a.verdict for a in attacks), key=GRAVITY.__getitem__)
        name = "The film as a whole" if person is None else self._said(person)
        rows = "".join(self._row(a) for a in sorted(attacks, key=lambda a: _gravity([a])))
        heads = "".join(f'<th scope="col"{kind}>{head}</th>' for head, kind in _HEADS)
        return (
            f'<section class="card"><header><h3>{name}</h3><span class="mark pill {TONES[verdict]}">{sign(verdict)}'
            f"{WORDS[verdict]}</span></header><table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"
            "</section>\n"
        )

    def _row(self, attack: Attack) -> str:
        where = "" if attack.frame is None else f"worst at {self._clock(attack.frame)}"
        by = f"by {self._said(attack.by)}" if attack.by else ""
        small = ", ".join(w for w in (by, where) if w)
        small = f'<span class="soft">{small}</span>' if small else ""
        tone, share = TONES[attack.verdict], attack.channel == "coverage"
        score, limit = _number(attack.score, share=share), _number(attack.limit)
        if score == limit and attack.score != attack.limit:  # which of the two is larger must be seen
            score, limit = (_number(value, share=share, digits=4) for value in (attack.score, attack.limit))
        return (
            f'<tr class="{tone}"><th scope="row">{self._said(title_of(attack.channel))}</th>'
            f'<td class="number" data-head="Score">{score}</td>'
            f'<td class="number" data-head="Limit">{limit}</td>'
            f'<td class="bar">{bar(ratio_of(attack))}</td>'
            f'<td><span class="mark">{sign(attack.verdict)}{WORDS[attack.verdict]}</span></td>'
            f'<td class="said">{_code(self._said(sentence(attack.said)))}{small}</td></tr>'
        )

    def _frames(self) -> str:
        moments = worst(self._report, self._rate_hz)
        if not moments:
            return "<h2>The worst frames</h2><p>There is none to show: nobody came near to being recognised.</p>"
        figures = "".join(f"<li>{self._figure(i, m)}</li>" for i, m in enumerate(moments))
        told = (
            "On the left of each pair the real face, on the right what the film shows now."
            if self._sealed
            else "As they look in the finished film; real faces, and frames in which one still shows, are only on the "
            "sealed page."
        )
        return (
            f"<h2>The worst frames</h2><p>Worst first, at least a second apart. {told} Look at them yourself: would "
            "somebody who knows this person know them here?</p>"
            f'<ol class="frames{" pairs" if self._sealed else ""}">{figures}</ol>'
        )

    def _figure(self, place: int, moment: Moment) -> str:
        clock = self._clock(moment.index)
        who = self._said(moment.person) if moment.person else "Somebody"
        pair = self._pictures.get(place)
        shown = ""
        if self._sealed:
            shown += f'<div class="real">{_image(pair and pair[0], f"{who} at {clock}, the real face")}Original</div>'
        result = _image(pair and pair[1], f"{who} at {clock} in the finished film")
        if not self._sealed and (moment.person is None or moment.index in self._shows):
            result = '<span class="none">shown only on the sealed page</span>'
        shown += f"<div>{result}{'Result' * self._sealed}</div>"
        near = f"{round(100 * moment.ratio)} % of the limit" if moment.person else "not covered"
        if moment.ratio >= 1:
            near = f'<span class="mark exposed">{sign("exposed")}{near}</span>'
        said = f"<br>{self._said(sentence(moment.said))}" if moment.said else ""
        return (
            f'<figure><div class="shown">{shown}</div><figcaption><b>{who}</b> at <b>{clock}</b>, {near}{said}'
            "</figcaption></figure>"
        )

    def _course(self) -> str:
        if not self._report.traces:
            return ""
        cards = "".join(
            f'<section class="card"><header><h3>{self._said(person)}</h3></header>'
            f"{timeline(self._said.plain(person), trace, self._report.frames, self._rate_hz)}</section>\n"
            for person, trace in sorted(self._report.traces.items(), key=lambda kv: _in_turn(kv[0]))
        )
        return (
            "<h2>Through the film</h2><p>Where in the film each person stands. Likeness should stay under its line, "
            "cover at the top; the more expression is kept and the nearer flicker is to its line, the more of the "
            f"person's own performance is left. Where nothing is drawn they are not in the picture.</p>{cards}"
        )

    def _open_ends(self) -> str:
        items = "".join(f"<li>{_code(self._said(sentence(words)))}</li>" for words in self._report.not_checked)
        listed = f'<ul class="plain">{items}</ul>' if items else "<p>Nothing was left out of what Veil can check.</p>"
        return (
            "<h2>What was not checked</h2><p>The verdict says nothing about these. Any of them can give somebody away."
            f"</p>{listed}"
        )

    def _methods(self) -> str:
        channels = list(dict.fromkeys(a.channel for a in self._report.attacks))
        described = [(title_of(c), meaning_of(c)) for c in channels if meaning_of(c)]
        by = sorted({word.strip() for a in self._report.attacks for word in a.by.split(",") if word.strip()})
        used = f"<dt>What was used in this attack</dt><dd>{', '.join(self._said(b) for b in by)}</dd>" if by else ""
        return "<h3>The lines of the tables</h3>" + _terms(described) + f"<dl>{used}</dl>" if described or used else ""

    def _clock(self, index: int) -> str:
        return short_clock(index / self._rate_hz)


_WARNING = """
<aside class="sealed" aria-label="warning"><div><strong>Sealed: this page shows real faces.</strong>
<p>Never send, print or upload it. Keep it with the case, and destroy it with the case. The page that may be shared is
<code style="color:inherit;background:#0003">report.html</code>, one folder up.</p></div></aside>"""


def _method() -> str:
    return "<h2>How the attack was made</h2>" + _terms(LIMITS)


def _terms(pairs: Iterable[tuple[str, str]]) -> str:
    return "<dl>" + "".join(f"<dt>{html.escape(a)}</dt><dd>{html.escape(b)}</dd>" for a, b in pairs) + "</dl>"


def _foot(sealed: bool) -> str:
    clean = "This page holds no picture of the original or of a finding, and no name or place of a file."
    told = "This page holds real faces." if sealed else clean
    return f"<footer>{told} It needs no network and runs no script.</footer>"


def _image(pixels: Pixels | None, alt: str) -> str:
    """Return a picture inside the page; `alt` is fit for a page already."""
    if pixels is None:
        return '<span class="none">no picture</span>'
    done, coded = cv2.imencode(".jpg", pixels[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, 88])
    if not done:
        raise ValueError("the picture cannot be coded")
    return f'<img alt="{alt}" src="data:image/jpeg;base64,{base64.b64encode(coded.tobytes()).decode()}">'


def _code(words: str) -> str:
    """Set what stands in backquotes as a command."""
    return re.sub("`([^`]*)`", r"<code>\1</code>", words)


def _gravity(attacks: list[Attack]) -> tuple[int, float]:
    """Return what sorts the worst first: the verdict, then how near the limit is."""
    ratios = [r for a in attacks if (r := ratio_of(a)) is not None]
    return min(GRAVITY[a.verdict] for a in attacks), -max(ratios, default=0.0)


def _in_turn(label: str) -> tuple[int, str]:
    """Return what sorts P2 before P10."""
    return len(label), label


def _number(value: float | None, *, share: bool = False, digits: int = 2) -> str:
    if value is None:
        return '<span aria-label="none">–</span>'
    if share:
        return f"{math.floor(1000 * value) / 10:g} %"  # 99.96 is not all
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.{digits}f}"
