"""Draws the report's figures as SVG: marks of a verdict, bars against a limit, and a person's course over the film."""

import html
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from veil.nouns.report import Trace, Verdict

Values = NDArray[np.float32]

_SIGNS: dict[Verdict, str] = {
    "safe": '<circle cx="12" cy="12" r="10.5"/><path d="M7 12.5l3.4 3.4L17 8.8"/>',
    "exposed": '<path d="M8 1.5h8L22.5 8v8L16 22.5H8L1.5 16V8z"/><path d="M8.2 8.2l7.6 7.6M15.8 8.2l-7.6 7.6"/>',
    "warned": '<rect x="2" y="2" width="20" height="20" rx="3"/><path d="M12 6.5v7M12 17v.4"/>',
    "not proven": '<path d="M12 1.8l10.6 19.4H1.4z"/><path d="M12 8.5v6M12 17.4v.4"/>',
}
_LIMIT_AT = 0.7  # of a bar's length
_BINS = 300
_LEFT, _RIGHT, _WIDTH, _TALL, _GAP, _TOP = 46, 10, 760, 64, 34, 24


def sign(verdict: Verdict) -> str:
    """Return a mark that tells the verdict by its shape: circle, octagon, triangle, square."""
    return (
        '<svg viewBox="0 0 24 24" aria-hidden="true" fill="none" stroke="currentColor" stroke-width="2" '
        f'stroke-linecap="round" stroke-linejoin="round">{_SIGNS[verdict]}</svg>'
    )


def bar(ratio: float | None) -> str:
    """Return a bar of a score against its limit, which is the upright mark; nothing where there is no score."""
    if ratio is None:
        return ""
    at = 100 * _LIMIT_AT
    full = min(ratio * at, 100.0)
    said = f"{round(100 * ratio)} percent of the limit" if ratio < 2 else "far over the limit"
    over = ""
    if full > at:  # the part beyond the limit is cut by lines: it shows without colour
        cuts = "".join(f'<path d="M{x} 3v10"/>' for x in np.arange(at + 3, full, 4).round(1).tolist())
        over = f'<g stroke="var(--card)" stroke-width="1">{cuts}</g>'
    return (
        f'<svg class="bars" viewBox="0 0 100 16" preserveAspectRatio="none" role="img" aria-label="{said}">'
        '<rect x="0" y="3" width="100" height="10" rx="1.5" fill="var(--track)"/>'
        f'<rect x="0" y="3" width="{full:.1f}" height="10" rx="1.5" fill="var(--tone)"/>{over}'
        f'<path d="M{at:.0f} 0v16" stroke="var(--ink)" stroke-width="1.2"/></svg>'
    )


@dataclass(frozen=True)
class _Band:
    """One of the plots that stand above each other."""

    name: str
    values: Callable[[Trace], Values]
    worst: Callable[[Values], float]  # what stands for several frames
    top: float
    said: str  # how its summary reads, with {worst} and {mean}
    marks: tuple[tuple[float, str], ...]
    line: float | None = None  # a dashed line
    over: bool = False  # what is above the line is bad


_BANDS = (
    _Band(
        "Likeness to the real face: the line is the limit",
        lambda t: t.likeness,
        lambda v: float(np.nanmax(v)),
        1.5,
        "likeness at most {worst:.0%} of the limit",
        ((0, "0"), (1, "limit")),
        1.0,
        True,
    ),
    _Band(
        "Covered",
        lambda t: t.covered,
        lambda v: float(np.floor(1000 * np.nanmin(v)) / 1000),  # 99.96 % is not all
        1.0,
        "covered at least {worst:.1%}",
        ((0, "0 %"), (1, "100 %")),
    ),
    _Band(
        "Expression kept: 100 % is as filmed",
        lambda t: t.expression,
        lambda v: float(np.nanmean(v)),
        1.0,
        "{mean:.0%} of the expression kept in the mean",
        ((0, "0 %"), (1, "100 %")),
    ),
    _Band(
        "Flicker: the line is as filmed",
        lambda t: t.flicker,
        lambda v: float(np.nanmax(v)),
        3.0,
        "flicker {mean:.2f} times that of the film in the mean",
        ((0, "0"), (1, "1×"), (3, "3×")),
        1.0,
    ),
)


def timeline(person: str, trace: Trace, frames: int, rate_hz: float) -> str:
    """Return the course of one person over the whole film: likeness, cover, expression and flicker."""
    height = _TOP + len(_BANDS) * (_TALL + _GAP)
    parts, told = [], []
    for number, band in enumerate(_BANDS):
        values = np.asarray(band.values(trace), np.float32)
        known = values[np.isfinite(values)]
        told.append(
            band.said.format(worst=band.worst(known), mean=float(known.mean()))
            if len(known)
            else f"{band.name.split(':')[0].lower()} was not measured"
        )
        curve = _Curve(trace.frames, values, max(frames, 1), max(rate_hz, 1.0))
        parts.append(_band(band, curve, _TOP + number * (_TALL + _GAP), f"{number}"))
    name = html.escape(person)
    summary = html.escape(f"{person}: " + "; ".join(told) + ".")
    return (
        f'<svg class="plot" viewBox="0 0 {_WIDTH} {height}" role="img" aria-label="{summary}">'
        f"<title>{name} through the film</title>{''.join(parts)}{_times(frames / max(rate_hz, 1e-6), height)}</svg>"
        f'<p class="soft">{summary}</p>'
    )


@dataclass(frozen=True, eq=False)
class _Curve:
    """Values at frames of a film of so many frames."""

    frames: NDArray[np.int32]
    values: Values
    total: int
    rate_hz: float

    def runs(self, worst: Callable[[Values], float]) -> list[list[tuple[float, float]]]:
        """Return points (x, value) in runs; a gap of over a second begins a new one, many frames share a point."""
        known = np.isfinite(self.values)
        frames, values = self.frames[known].astype(np.int64), self.values[known]
        size = max(1, -(-self.total // _BINS))
        runs: list[list[tuple[float, float]]] = []
        before = -np.inf
        for start in np.flatnonzero(np.diff(frames // size, prepend=-1)).tolist():
            same = frames // size == frames[start] // size if size > 1 else slice(start, start + 1)
            at = float(frames[same].mean())
            if at - before > max(self.rate_hz, 2.5 * size):
                runs.append([])
            runs[-1].append((_x(at / self.total), worst(values[same])))
            before = at
        return runs


def _x(share: float) -> float:
    return _LEFT + share * (_WIDTH - _LEFT - _RIGHT)


def _band(band: _Band, curve: _Curve, top: float, key: str) -> str:
    floor = top + _TALL

    def y(value: float) -> float:
        return floor - _TALL * min(max(value / band.top, 0.0), 1.0)

    marks = "".join(
        f'<path class="grid" d="M{_LEFT} {y(v):.1f}H{_WIDTH - _RIGHT}"/>'
        f'<text x="{_LEFT - 6}" y="{y(v) + 4:.1f}" text-anchor="end">{html.escape(word)}</text>'
        for v, word in band.marks
    )
    drawn = "".join(_drawn(run, y, floor) for run in curve.runs(band.worst))
    over = _above(drawn, top - 2, y(band.line)) if drawn and band.over and band.line else ""
    if not drawn:
        drawn = f'<text x="{_WIDTH / 2}" y="{top + _TALL / 2 + 4}" text-anchor="middle">not measured</text>'
    ground = f'<rect class="ground" x="{_LEFT}" y="{top}" width="{_WIDTH - _LEFT - _RIGHT}" height="{_TALL}"/>'
    line = f'<path class="limit" d="M{_LEFT} {y(band.line):.1f}H{_WIDTH - _RIGHT}"/>' if band.line else ""
    title = f'<text class="name" x="{_LEFT}" y="{top - 8}">{html.escape(band.name)}</text>'
    return f'<g data-band="{key}">{title}{ground}{marks}{drawn}{over}{line}</g>'


def _above(drawn: str, top: float, line: float) -> str:
    """Return what is drawn once more in the colour of danger, and only above the line."""
    return (
        f'<svg x="0" y="{top:.1f}" width="{_WIDTH}" height="{line - top:.1f}" '
        f'viewBox="0 {top:.1f} {_WIDTH} {line - top:.1f}"><g class="over">{drawn}</g></svg>'
    )


def _drawn(run: list[tuple[float, float]], y: Callable[[float], float], floor: float) -> str:
    if len(run) == 1:
        run = [(run[0][0] - 1.5, run[0][1]), (run[0][0] + 1.5, run[0][1])]
    points = " ".join(f"{x:.1f},{y(v):.1f}" for x, v in run)
    area = f"{run[0][0]:.1f},{floor:.1f} {points} {run[-1][0]:.1f},{floor:.1f}"
    return f'<polygon class="area" points="{area}"/><polyline class="line" points="{points}"/>'


def _times(length_s: float, height: float) -> str:
    """Return the marks of film time under the plots."""
    steps = (0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200)
    step = next((s for s in steps if length_s / s <= 8), 7200)
    ticks = np.arange(0, length_s + 1e-9, step).tolist() if length_s > 0 else [0.0]
    return "".join(
        f'<text x="{_x(t / max(length_s, 1e-9)):.1f}" y="{height - _GAP + 18}" '
        f'text-anchor="{"start" if t == 0 else "middle"}">{short_clock(t)}</text>'
        for t in ticks
        if t < 0.97 * length_s or t == 0
    )


def short_clock(at_s: float) -> str:
    """Return film time as people write it: ``m:ss``, hours where there are any, tenths where they say something."""
    tenths = round(at_s * 10)
    seconds = f"{tenths // 10 % 60:02d}" + (f".{tenths % 10}" if tenths % 10 else "")
    minutes = tenths // 600
    return f"{minutes // 60}:{minutes % 60:02d}:{seconds}" if minutes >= 60 else f"{minutes}:{seconds}"
