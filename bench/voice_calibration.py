"""Calibrates the adversary's recognisers of voices: ``python -m bench.voice_calibration [--speech DIR] [--write]``.

The folder of speech holds `librispeech_train_one_each/` (160 speakers, one utterance each), `librispeech_test_other/`
(10 speakers by 10) and `vctk_4x10/` (4 by 10). What the numbers can bear: 174 people give 15,051 pairs of two people,
so a rate of 1e-2 rests on 150 pairs, 1e-3 on 15, and those are not independent: each person is in 173 of them. Nothing
finer is kept. Two thirds of the world's strangers are told apart by sex alone; the limits are drawn over everybody, so
they are lower, and stricter for a disguise, than limits among one sex would be: `same_sex` says by how much.

`--write` keeps the figures where the adversary reads them; speech and vectors stay outside the project.
"""

import argparse
import json
import sys
import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench import films
from veil.adversary import voices
from veil.adversary.speakers import NAMES, STRAIGHT, Vectors, listener, spoken, unit
from veil.adversary.voices import FAR_POOLED, FAR_TURN, Limits
from veil.media.listen import listen
from veil.nouns.speech import HEARING_HZ, Sound

LENGTHS: tuple[tuple[float, float], ...] = ((1.5, 0.0), (4.0, 2.5), (10.0, 6.5))
"""Seconds of speech shown, and from how many seconds on those limits hold."""
SEARCHED: tuple[tuple[float, float], ...] = ((6.0, 0.0),)
_SEARCHERS = 60  # people whose voices are shifted
_TEMPLATE_S = 10.0  # of speech make a template
_SAYINGS = 4  # utterances of one person that are compared, where there are as many
_CURVE = (0.5, 0.3, 0.2, 0.1, 0.05, 0.03, 0.02, 0.01, 5e-3, 3e-3, 2e-3, 1e-3)
_LIMITS = Path(voices.__file__).parent / "voice_limits.json"


@dataclass(frozen=True, eq=False)
class Utterance:
    """One utterance without its silences."""

    who: str
    sex: str
    sound: Sound


def utterances(speech: Path) -> list[Utterance]:
    """Return all speech of the folder, by speaker."""
    sexes = {}
    for line in (speech / "librispeech_test_other" / "SPEAKERS.TXT").read_text("utf-8").splitlines():
        if "|" in line and not line.startswith(";"):
            number, sex = line.split("|")[:2]
            sexes[number.strip()] = sex.strip()
    found = []
    taken: Counter[str] = Counter()
    for path in sorted(p for p in speech.rglob("*") if p.suffix in {".flac", ".wav"}):
        who = path.stem.split("-")[0].split("_")[0]
        taken[who] += 1
        if taken[who] > _SAYINGS:
            continue
        sound = listen(path, HEARING_HZ)
        if sound is not None:
            found.append(Utterance(who, sexes.get(who, ""), spoken(sound)))
    return found


def _firsts(heard: Sequence[Utterance]) -> list[Utterance]:
    """Return one utterance of each speaker."""
    return list({u.who: u for u in reversed(heard)}.values())


def _vectors(name: str, heard: Sequence[Utterance], length_s: float) -> Vectors:
    ear, size = listener(name), round(length_s * HEARING_HZ)
    return np.stack([ear.embed(ear.spectrum(u.sound[:size])) for u in heard])


def _row(from_s: float, shown_s: float, strangers: NDArray[np.floating]) -> dict[str, Any]:
    ordered = np.sort(strangers)
    curve = [[round(float(ordered[int(len(ordered) * (1 - rate))]), 4), rate] for rate in _CURVE]
    return {"from_s": from_s, "shown_s": shown_s, "pairs": len(ordered), "curve": curve}


def _straight(name: str, heard: list[Utterance], whole: Vectors, from_s: float, shown_s: float) -> dict[str, Any]:
    """Return one row: templates of 10 s, probes of so many seconds."""
    shown = _vectors(name, heard, shown_s)
    who, sex = np.array([u.who for u in heard]), np.array([u.sex for u in heard])
    firsts = np.unique(who, return_index=True)[1]
    scores = whole @ shown.T
    other = who[firsts][:, None] != who[firsts][None]
    among = scores[np.ix_(firsts, firsts)]
    row = _row(from_s, shown_s, among[other])
    bounds = Limits(*np.array(row["curve"], np.float64).T)
    same = (who[:, None] == who[None]) & ~np.eye(len(who), dtype=bool)
    alike = other & (sex[firsts][:, None] == sex[firsts][None]) & (sex[firsts] != "")[None]
    return {
        **row,
        "accepted": {f"{r:g}": round(float((scores[same] >= bounds.at(r)).mean()), 4) for r in (FAR_TURN, FAR_POOLED)},
        "same_sex": {f"{r:g}": round(float((among[alike] >= bounds.at(r)).mean()), 5) for r in (FAR_TURN, FAR_POOLED)},
        "templates": _templates(whole, shown, who, bounds),
    }


def _templates(whole: Vectors, shown: Vectors, who: NDArray[np.str_], bounds: Limits) -> dict[str, float]:
    """Return what the limits are worth where the mean of four utterances is the template, as in a film."""
    people = [p for p in np.unique(who) if (who == p).sum() >= _SAYINGS]
    means = np.stack([unit(whole[who == p].mean(0)) for p in people])
    strange = (means @ shown.T)[np.array(people)[:, None] != who[None]]
    return {f"{rate:g}": round(float((strange >= bounds.at(rate)).mean()), 5) for rate in (FAR_TURN, FAR_POOLED)}


def _searched(name: str, heard: list[Utterance], from_s: float, shown_s: float) -> dict[str, Any]:
    """Return one row: the best of all shifts of a stranger's speech, against every other person's template."""
    firsts = sorted(_firsts(heard), key=lambda u: zlib.crc32(u.who.encode()))[:_SEARCHERS]
    whole = _vectors(name, firsts, _TEMPLATE_S)
    ear = listener(name)
    best = np.full((len(firsts), len(firsts)), -1.0)
    for bend in (STRAIGHT, *voices.SEARCH):
        size = round(shown_s * HEARING_HZ)
        shown = np.stack([ear.embed(ear.spectrum(u.sound[:size]), bend) for u in firsts])
        best = np.maximum(best, whole @ shown.T)
    return _row(from_s, shown_s, best[~np.eye(len(firsts), dtype=bool)])


def main() -> int:
    """Print every recogniser's figures; with `--write`, keep them for the adversary."""
    parser = argparse.ArgumentParser(prog="python -m bench.voice_calibration")
    parser.add_argument("--speech", help="folder to calibrate on (default: $VEIL_BENCH_SPEECH, then ../shared/speech)")
    parser.add_argument("--write", action="store_true", help="keep the figures as the adversary's limits")
    parser.add_argument("--only", choices=NAMES, help="one recogniser; the others' figures stay as they are")
    asked = parser.parse_args()
    speech = films.folder(asked.speech, "VEIL_BENCH_SPEECH", "speech")
    if speech is None:
        sys.stderr.write("no speech to calibrate on: name a folder with --speech\n")
        return 2
    heard = utterances(speech)
    found: dict[str, Any] = {}
    for name in [asked.only] if asked.only else NAMES:
        whole = _vectors(name, heard, _TEMPLATE_S)
        found[name] = {
            "straight": [_straight(name, heard, whole, from_s, shown_s) for shown_s, from_s in LENGTHS],
            "searched": [_searched(name, heard, from_s, shown_s) for shown_s, from_s in SEARCHED],
        }
        for kind, rows in found[name].items():
            for row in rows:
                told = {k: v for k, v in row.items() if k != "curve"}
                sys.stdout.write(
                    f"{name} {kind} {json.dumps(told)} 1e-2: {row['curve'][7][0]} 1e-3: {row['curve'][-1][0]}\n"
                )
    if asked.write:
        of = "LibriSpeech and VCTK, 174 speakers; see bench/voice_calibration.py. Share of strangers by score."
        kept = json.loads(_LIMITS.read_text("utf-8"))["recognisers"] if _LIMITS.is_file() else {}
        _LIMITS.write_text(json.dumps({"of": of, "recognisers": {**kept, **found}}, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
