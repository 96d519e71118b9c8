"""Attacks voices: ``python -m bench.voices [--speech DIR] [--systems ...] [--quick]``. Bad figures are told like good.

Ten speakers by ten utterances (LibriSpeech test-other): the first five are what an opponent knows of each, of the
others films are made, disguised and attacked. Each film of a person draws parameters of its own: one film each would
measure the luck of ten draws. Other people, one utterance each, are what an opponent trains on.

- *ignorant*: the original against the result. *reversal*: the same after the best of all shifts of the result.
- *lazy*: what is known is disguised first, with other seeds. *trained*: linear discriminants learnt from others'
  original and disguised speech, original against result (Fisher), alone and beside what the net itself says.
  *semi-informed*: the same, with what is known disguised too.
- *timing*: only when words begin and end; *timing, trained*: the same, with what is known disguised too. *words*: only
  which words are said; LibriSpeech reads books, and a reader is known by the book, so this says little of a witness
  (Franzreb; see the field notes).

The positive control of the trained attackers is `convert`, in which a voice does cross: there they must find more
than the ignorant one. Equal error rates in percent, an utterance at a time (50 is chance), their interval by drawing
speakers and their films anew, and the range that films given to the wrong people would reach; top-1 of all that is
said in a film; true accepts where 1 % of strangers are accepted. A film's pictures tell a voice's sex, which is kept:
so the same figures among people of one sex stand beside.
"""

import argparse
import json
import os
import sys
import time
import wave
import zlib
from collections.abc import Callable
from dataclasses import asdict, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from bench import films
from bench.disguised_speech import Set, Spoken, Workshop, excerpt, read_set
from bench.voice_attacks import Attackers, Material
from bench.voice_timing import Timed, bare, halves, onsets_s, phone_timing, rhythm_kept, timing, word_errors, words
from bench.voice_trials import Rate, Trial, figures
from veil.adversary.speakers import NAMES, STRAIGHT, Bend
from veil.nouns.speech import HEARING_HZ

SYSTEMS = ("original", "shifted", "convert", "revoice", "revoice, sex by lot")
_SHIFT = Bend(-4, -4)
_KNOWN = 5  # utterances of each that an opponent knows; films are made of the rest
_LAZY = 3  # of them, as many as an informed opponent disguises
_IN_A_FILM = 2  # utterances
_MOST_S = 5.0  # of each
_TAUGHT_S = 6.0  # of each of the others, of which an opponent learns how voices are disguised
_TAUGHT_TIME_S = 16.0  # of which an opponent learns how people time their words
_TIMED = 3  # films of each, of whole utterances, whose timing is attacked
_LISTENED = 40  # utterances of the result that are heard again
_TEXTS = Path("/usr/share/pocketsphinx/test/data/librivox")  # where Debian's pocketsphinx-testdata puts it


def seed(kind: str, name: str) -> int:
    """Return a seed: one for all that a person says in a film, another for every utterance that an opponent makes."""
    return zlib.crc32(f"{kind} {name}".encode())


class Studio:
    """What every system makes of the speech; what was made before is found again."""

    def __init__(self, speech: Set, shop: Workshop, draws: int) -> None:
        self.shop, self._draws = shop, draws
        self._whole = speech.others
        self._others = tuple(replace(u, sound=u.sound[: round(_TAUGHT_S * HEARING_HZ)]) for u in speech.others)
        self._number = {u.name: int(u.name[-4:]) % 10 for u in speech.tested}
        tested = [shop.heard(u) for u in speech.tested]
        self.known = tuple(u for u in tested if self._number[u.name] < _KNOWN)
        self._rest = [u for u in tested if self._number[u.name] >= _KNOWN]

    def material(self, system: str) -> Material:
        """Return what a system makes."""
        films_of = self._films(1 if system in ("original", "shifted") else self._draws)
        wanted = [(draw, u) for draw, u in films_of if u.words]
        draws, originals = tuple(draw for draw, _ in wanted), tuple(u for _, u in wanted)
        lazy = [excerpt(u, _MOST_S) for u in self.known if self._number[u.name] < _LAZY]
        if system in ("original", "shifted"):
            bend = _SHIFT if system == "shifted" else STRAIGHT
            return Material(self.known, originals, originals, draws, self.known, self._others, self._others, bend)
        say = self._bent if system == "convert" else self._kept if system == "revoice" else self._by_lot
        probes = [say(u, seed("probe" if draw == 0 else f"probe {draw}", u.who)) for draw, u in wanted]
        ways = ("enrol", "enrol 2", "enrol 3")[: 3 if self._draws > 2 else 1]  # one alone measures its luck
        disguised = tuple(v for way in ways for u in lazy if (v := say(u, seed(way, u.name))))
        train = self._bent if system == "convert" else self._by_lot
        others = tuple(v for u in self._others if (v := train(u, seed("train", u.name))))
        there = [i for i, probe in enumerate(probes) if probe]
        return Material(
            self.known,
            tuple(originals[i] for i in there),
            tuple(p for p in probes if p),
            tuple(draws[i] for i in there),
            disguised,
            self._others,
            others,
        )

    def timed(self, system: str) -> Material:
        """Return whole utterances, without sound where they are said anew: enough to attack their timing."""
        rest = tuple(u for u in self._rest if u.words)
        if system == "original":
            return Material(self.known, rest, rest, (0,) * len(rest), (), (), ())
        said = [
            (u, draw, self.shop.timed(u, seed(f"probe {draw}", u.who), _sex(u)))
            for draw in range(min(self._draws, _TIMED))
            for u in rest
        ]
        made = [(u, draw, now) for u, draw, now in said if now]
        originals, probes = tuple(u for u, _, _ in made), tuple(now for _, _, now in made)
        return Material(self.known, originals, probes, tuple(draw for _, draw, _ in made), (), (), ())

    def timing_had(self, *, trained: bool) -> Timed:
        """Return what an opponent knows of timing; `trained` on what Veil makes of the known."""
        others = tuple(half for u in self._whole for half in halves(self.shop.heard(u)))
        known = [self.shop.timed(u, seed("enrol", u.name), _sex(u)) if trained else u for u in self.known]
        return Timed(tuple(u for u in known if u), others)

    def _films(self, count: int) -> list[tuple[int, Spoken]]:
        """Return (draw, utterance): films of two excerpts each, and where nothing is made, all that there is."""
        if count == 1:
            return [(0, u) for u in self._rest]
        numbers = [[_KNOWN + (_IN_A_FILM * d + k) % (10 - _KNOWN) for k in range(_IN_A_FILM)] for d in range(count)]
        return [
            (draw + 1, excerpt(u, _MOST_S))
            for draw, chosen in enumerate(numbers)
            for u in self._rest
            if self._number[u.name] in chosen
        ]

    def _kept(self, u: Spoken, number: int) -> Spoken | None:
        return self.shop.revoiced(u, number, _sex(u))

    def _by_lot(self, u: Spoken, number: int) -> Spoken | None:
        return self.shop.revoiced(u, number)

    def _bent(self, u: Spoken, number: int) -> Spoken | None:
        return self.shop.bent(u, number)


def _sex(u: Spoken) -> float | None:
    return {"F": 0.0, "M": 1.0}.get(u.sex)


def attacks(system: str, made: Material, shop: Workshop) -> dict[str, Callable[[], Trial]]:
    """Return every attack by sound on a system, by its name and the net's."""
    tried: dict[str, Callable[[], Trial]] = {}
    for name in NAMES:
        by = Attackers(name, made, shop)
        tried |= {f"{name}|ignorant": by.ignorant, f"{name}|reversal": by.reversal}
        if system != "original":
            tried[f"{name}|lazy"] = by.lazy
        if system not in ("original", "shifted"):
            tried |= {
                f"{name}|trained": lambda by=by: by.trained(net_too=True),  # type: ignore[misc]  # bound now
                f"{name}|trained, Fisher": lambda by=by: by.trained(),  # type: ignore[misc]
                f"{name}|semi-informed": lambda by=by: by.trained(semi=True, net_too=True),  # type: ignore[misc]
            }
    return tried


def measured(system: str, studio: Studio) -> dict[str, Any]:
    """Return every figure of a system."""
    made = studio.material(system)
    told: dict[str, Any] = {"system": system, "attacks": []}
    tried = attacks(system, made, studio.shop)
    if system in ("original", "revoice"):  # the others are timed like one of them, and all say the same words
        timed, had = studio.timed(system), studio.timing_had(trained=False)
        tried["–|timing"] = lambda: timing(had, timed)
    if system == "revoice":
        tried["–|timing, trained"] = lambda: timing(studio.timing_had(trained=True), timed)
    if system == "original":
        tried["–|timing of phones"] = lambda: phone_timing(had, timed, studio.shop)
        tried["–|words"] = lambda: words(timed)
    for name, attack in tried.items():
        net, by = name.split("|")
        told["attacks"].append({"net": net, "by": by, **figures(attack())})
    if system == "revoice":
        told["rhythm_kept"] = sorted(rhythm_kept(timed))
    if system.startswith("revoice"):
        late = np.array([s for was, now in zip(made.originals, made.probes, strict=True) for s in _onsets(was, now)])
        told["onsets_s"] = {"phrases": len(late), "median": float(np.median(np.abs(late))),
                            "nine_of_ten": float(np.percentile(np.abs(late), 90))}  # fmt: skip
    if system not in ("original", "shifted"):
        chosen = range(0, len(made.probes), max(1, len(made.probes) // _LISTENED))
        pairs = [(made.originals[i].words, studio.shop.heard(_unheard(made.probes[i])).words) for i in chosen]
        told["word_errors"] = _errors(pairs)
    return told


def _onsets(was: Spoken, now: Spoken) -> list[float]:
    return onsets_s(was, now) if len(was.words) == len(now.times) else []


def _unheard(u: Spoken) -> Spoken:
    return replace(u, words=(), times=())


def _errors(pairs: list[tuple[tuple[str, ...], tuple[str, ...]]]) -> dict[str, Any]:
    wrong, of = (sum(column) for column in zip(*[word_errors(a, b) for a, b in pairs], strict=True))
    return {"wrong": wrong, "of": of, "rate": wrong / max(of, 1)}


def read_texts(folder: Path, shop: Workshop) -> dict[str, Any] | None:
    """Return word errors against what was read (Debian's pocketsphinx-testdata): heard, and said anew and heard."""
    if not (folder / "transcription").is_file():
        return None
    pairs: dict[str, list[tuple[tuple[str, ...], tuple[str, ...]]]] = {}
    for line in (folder / "transcription").read_text("utf-8").splitlines():
        text, name = line.rsplit("(", 1)
        truth = tuple(w for w in text.split() if w not in {"<s>", "</s>"})
        with wave.open(str(folder / f"{name.rstrip(') ')}.wav")) as file:
            samples = np.frombuffer(file.readframes(file.getnframes()), np.int16)
        was = shop.heard(Spoken("reader", "F", name, np.asarray(samples / 32768, np.float32)))
        corrected = _corrected(was, truth)
        pairs.setdefault("original", []).append((truth, was.words))
        for kind, known in (("result, not corrected", was), ("result, corrected", corrected)):
            for draw in range(3):
                now = shop.revoiced(known, draw)
                if now is not None:
                    pairs.setdefault(kind, []).append((truth, shop.heard(_unheard(now)).words))
    return {kind: _errors(some) for kind, some in pairs.items()}


def _corrected(was: Spoken, truth: tuple[str, ...]) -> Spoken:
    """Return an utterance with the words that were read, each where its letters put it in the time that was heard."""
    first, last = was.times[0][0], was.times[-1][1]
    letters = np.cumsum([0, *(len(bare(w)) + 1 for w in truth)]) / sum(len(bare(w)) + 1 for w in truth)
    at = (first + (last - first) * letters).tolist()
    return was.read(truth, tuple(pairwise(at)))


# ── the table ──────────────────────────────────────────────────────────────────────────────────────────────────────


def show(told: list[dict[str, Any]], texts: dict[str, Any] | None, console: Console) -> None:
    """Print everything."""
    table = Table(title="Attacks on voices", title_justify="left", header_style="bold", pad_edge=False)
    one = ["EER %", "by chance", "top-1 %", "chance"]
    columns = ["system", "net", "attacker", *one, "TPR@1%", *(f"{c}, one sex" for c in one[:1]), *one[1:], "films"]
    for i, column in enumerate(columns):
        table.add_column(column, justify="left" if i < 3 else "right", no_wrap=True)
    for system in told:
        for row in system["attacks"]:
            table.add_row(
                system["system"], row["net"], row["by"], *_cells(row.get("all"), accepted=True),
                *_cells(row.get("one_sex"), accepted=False), str(row["films"]),
            )  # fmt: skip
    console.print(table)
    for system in told:
        named = {"onsets_s": "phrases begin", "word_errors": "words heard again:", "rhythm_kept": "rhythm"}
        for key, said in named.items():
            if key in system:
                console.print(f"{system['system']}: {said} {_line(key, system[key])}")
    for kind, errors in (texts or {}).items():
        console.print(f"words that were read, {kind}: {_line('word_errors', errors)}")
    if texts is None:
        console.print("no words that were read to compare with: Debian's pocketsphinx-testdata is not there (--texts)")


def _cells(some: dict[str, Any] | None, *, accepted: bool) -> list[str]:
    if some is None:
        return [""] * (5 if accepted else 4)
    eer: Rate = some["eer"]
    chance = f"{100 * eer.chance_low:.0f}–{100 * eer.chance_high:.0f}"
    cells = [eer.told(), chance, some["top1"].told(), f"{100 * some['chance']:.0f}"]
    return [*cells, some["accepted"].told()] if accepted else cells


def _line(key: str, value: Any) -> str:
    if key == "onsets_s":
        return (
            f"{1000 * value['median']:.0f} ms from where they were heard in the median, nine of ten within"
            f" {1000 * value['nine_of_ten']:.0f} ms ({value['phrases']} phrases)"
        )
    if key == "rhythm_kept":
        return "kept, by speaker: " + " ".join(f"{k:.2f}" for k in value)
    return f"{100 * value['rate']:.1f} % wrong of {value['of']}"


def main() -> int:
    """Print the table, write ``bench/out/voices.json``; speech that was made is kept in ``bench/out/voices``."""
    parser = argparse.ArgumentParser(prog="python -m bench.voices", epilog="example: python -m bench.voices --quick")
    parser.add_argument("--speech", help="folder to measure on (default: $VEIL_BENCH_SPEECH, then ../shared/speech)")
    parser.add_argument("--systems", nargs="+", default=SYSTEMS, choices=SYSTEMS)
    parser.add_argument("--quick", action="store_true", help="two films of each person, 20 others to train on")
    parser.add_argument("--draws", type=int, help="so many films of each person")
    parser.add_argument("--others", type=int, help="so many others to train on")
    parser.add_argument("--texts", type=Path, default=_TEXTS, help="read speech with its text (pocketsphinx-testdata)")
    parser.add_argument("--kept", type=Path, default=films.OUT / "voices", help="where made speech is kept")
    asked = parser.parse_args()
    folder = films.folder(asked.speech, "VEIL_BENCH_SPEECH", "speech")
    if folder is None:
        sys.stderr.write("no speech to measure on: name a folder with --speech\n")
        return 2
    began, console = time.perf_counter(), Console(width=None if sys.stdout.isatty() else 200)
    shop = Workshop(asked.kept)
    others, draws = asked.others or (20 if asked.quick else 60), asked.draws or (2 if asked.quick else 6)
    studio = Studio(read_set(folder, others, _TAUGHT_TIME_S), shop, draws)
    told = []
    for system in asked.systems:
        console.print(f"[dim]attacking {system}[/]")
        told.append(measured(system, studio))
    texts = read_texts(asked.texts, shop)
    show(told, texts, console)
    results = {"load": os.getloadavg()[0], "seconds": time.perf_counter() - began, "others": others, "draws": draws,
               "systems": told, "texts": texts}  # fmt: skip
    films.OUT.mkdir(parents=True, exist_ok=True)
    path = films.OUT / "voices.json"
    path.write_text(json.dumps(results, indent=1, default=_plain) + "\n", encoding="utf-8")
    console.print(f"all figures: {path}")
    return 0


def _plain(value: Any) -> Any:
    return asdict(value) if isinstance(value, Rate) else float(value)


if __name__ == "__main__":
    sys.exit(main())
