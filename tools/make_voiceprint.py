"""Makes `voiceprint.npz`: what tells voices apart, learnt from synthetic voices alone. In Veil's environment.

    npm pack kokoro-js@1.2.1 && tar xf kokoro-js-1.2.1.tgz     # 54 voices of Kokoro, Apache-2.0
    python tools/make_voiceprint.py speak package/voices /tmp/spoken --rounds 6      # about 20 minutes on one core
    python tools/make_voiceprint.py learn /tmp/spoken                                # about 8 minutes

`speak` lets each voice, and 60 blends of two, say a sentence a round. `learn` plays each a little faster and slower
(a longer or shorter throat, so another voice), through rooms, microphones and noise, and finds the directions that
part voices best (Fisher's discriminants, with shrinkage), and the one that parts one voice from two at once.
"""

import argparse
import hashlib
import sys
from pathlib import Path

import numpy as np
import soxr
from scipy.linalg import eigh
from scipy.optimize import minimize
from scipy.signal import fftconvolve

sys.path.insert(0, str(Path(__file__).parents[1]))
from veil.hearing import voiceprint
from veil.models.packages import onnx_session, packaged_paths

OUT = Path(__file__).parents[1] / "veil" / "models" / "weights" / "voiceprint.npz"
RATE_HZ = 16_000
SPEEDS = (0.86, 0.93, 1, 1.08, 1.16)
BLENDS = 60
DIMENSIONS = 100
SHRINK = 0.2
# Kokoro's own table of symbols, those that are used here
SYMBOLS = {
    ";": 1, ":": 2, ",": 3, ".": 4, "!": 5, "?": 6, "—": 9, "…": 10, '"': 11, "(": 12, ")": 13, "“": 14, "”": 15,
    " ": 16, "\u0303": 17, "ʣ": 18, "ʥ": 19, "ʦ": 20, "ʨ": 21, "ᵝ": 22, "\uab67": 23, "A": 24, "I": 25, "O": 31,
    "Q": 33, "S": 35, "T": 36, "W": 39, "Y": 41, "ᵊ": 42, "a": 43, "b": 44, "c": 45, "d": 46, "e": 47, "f": 48,
    "h": 50, "i": 51, "j": 52, "k": 53, "l": 54, "m": 55, "n": 56, "o": 57, "p": 58, "q": 59, "r": 60, "s": 61,
    "t": 62, "u": 63, "v": 64, "w": 65, "x": 66, "y": 67, "z": 68, "ɑ": 69, "ɐ": 70, "ɒ": 71, "æ": 72, "β": 75,
    "ɔ": 76, "ɕ": 77, "ç": 78, "ɖ": 80, "ð": 81, "ʤ": 82, "ə": 83, "ɚ": 85, "ɛ": 86, "ɜ": 87, "ɟ": 90, "ɡ": 92,
    "ɥ": 99, "ɨ": 101, "ɪ": 102, "ʝ": 103, "ɯ": 110, "ɰ": 111, "ŋ": 112, "ɳ": 113, "ɲ": 114, "ɴ": 115, "ø": 116,
    "ɸ": 118, "θ": 119, "œ": 120, "ɹ": 123, "ɾ": 125, "ɻ": 126, "ʁ": 128, "ɽ": 129, "ʂ": 130, "ʃ": 131, "ʈ": 132,
    "ʧ": 133, "ʊ": 135, "ʋ": 136, "ʌ": 138, "ɣ": 139, "ɤ": 140, "χ": 142, "ʎ": 143, "ʒ": 147, "ʔ": 148, "ˈ": 156,
    "ˌ": 157, "ː": 158, "ʰ": 162, "ʲ": 164, "↓": 169, "→": 171, "↗": 172, "↘": 173, "ᵻ": 177,
}  # fmt: skip
SENTENCES = """
The river was high that spring and nobody wanted to cross it before the morning.
We had two hours to pack everything, and my sister could not find her papers.
He told me to wait by the old station until somebody with a green bag came.
Every evening the neighbours would bring bread and talk about the weather.
I don't know who called them, but they were at the door within ten minutes.
You should have seen the light on the mountains, it was like a picture.
They asked the same question again and again, and I gave the same answer.
When the bus finally left, all of us were silent for a very long time.
My father used to fix shoes in a small shop behind the market square.
Please write down the number, because I will not be able to repeat it.
Nobody believed that the winter could be so long and so cold there.
She laughed, put the cup on the table and said that it was enough.
""".strip().splitlines()


def speak(voices: Path, out: Path, rounds: int) -> None:
    from hibari import Hibari

    out.mkdir(parents=True, exist_ok=True)
    net = onnx_session(b"".join(p.read_bytes() for p in packaged_paths("kokoro", "disguise")))
    said = [" ".join(np.atleast_1d(Hibari().phonemize(s))) for s in SENTENCES]
    styles = {p.stem: np.fromfile(p, np.float32).reshape(-1, 256) for p in sorted(voices.glob("*.bin"))}
    rng, names = np.random.default_rng(1), list(styles)
    for number in range(BLENDS):
        one, other = rng.choice(names, 2, replace=False)
        share = rng.uniform(0.3, 0.7)
        styles[f"b{number}_{one}_{other}"] = share * styles[one] + (1 - share) * styles[other]
    for turn in range(rounds):
        for place, (name, style) in enumerate(styles.items()):
            tempo = np.array([rng.uniform(0.9, 1.2)], np.float32)
            phones = said[(place * 5 + turn * 7) % len(said)]
            tokens = [SYMBOLS[c] for c in phones if c in SYMBOLS]
            row = style[len(tokens) - 1].reshape(1, 256).astype(np.float32)
            sound = net({"tokens": np.array([[0, *tokens, 0]], np.int64), "style": row, "speed": tempo})[0].ravel()
            sound = soxr.resample(sound, 24_000, RATE_HZ)
            np.save(out / f"{name}__{turn}.npy", (np.clip(sound, -1, 1) * 32767).astype(np.int16))


def filmed(sound: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return the sound as another microphone, room and noise give it."""
    count = len(sound)
    spectrum = np.fft.rfft(sound)
    place = np.linspace(0, 1, len(spectrum))
    knots = np.sort(np.concatenate([[0], rng.uniform(0, 1, 6), [1]]))
    gain_db = np.interp(np.sqrt(place), knots, rng.normal(0, 4, 8)) + rng.normal(0, 6) * (place - 0.5)
    if rng.random() < 0.3:
        gain_db -= 40 * np.clip((place - rng.uniform(0.42, 0.6)) * 20, 0, 1)
    sound = np.fft.irfft(spectrum * 10 ** (gain_db / 20), count)
    if rng.random() < 0.6:
        at = np.arange(RATE_HZ // 2) / RATE_HZ
        room = rng.normal(size=len(at)) * np.exp(-6.9 * at / rng.uniform(0.15, 0.6))
        room *= 10 ** (-rng.uniform(3, 15) / 20) / np.sqrt((room**2).sum())
        room[0] = 1
        sound = fftconvolve(sound, room)[:count]
    noise = np.fft.rfft(rng.normal(size=count))
    noise = np.fft.irfft(noise / np.maximum(np.arange(len(noise)), 50) ** rng.uniform(0, 1), count)
    sound = sound + noise / noise.std() * sound.std() * 10 ** (-rng.uniform(8, 35) / 20)
    return (sound / np.abs(sound).max() * rng.uniform(0.1, 0.9)).astype(np.float32)


def loud(heap: voiceprint.Heap) -> np.ndarray:
    return heap.loud > np.percentile(heap.loud, 95) * 0.06


def windows(mask: np.ndarray, lengths: tuple[int, ...], hop: int, least: float) -> tuple[np.ndarray, np.ndarray]:
    found = [
        (start, start + length)
        for length in lengths
        for start in range(0, len(mask) - length + 1, hop)
        if mask[start : start + length].mean() > least
    ]
    both = np.array(found, np.int64).reshape(-1, 2)
    return both[:, 0], both[:, 1]


def collected(spoken: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return statistics of single voices and whose they are, and statistics of one and two voices and which."""
    rng = np.random.default_rng(3)
    rows, names, few, many, before = [], [], [], [], []
    for path in sorted(spoken.glob("*.npy")):
        name = path.stem.split("__")[0]
        plain = np.load(path).astype(np.float32) / 32768
        for speed in SPEEDS:
            if speed != 1 and rng.random() < 0.3:
                continue
            sound = soxr.resample(plain, RATE_HZ * speed, RATE_HZ).astype(np.float32)
            before = [*before[-400:], (name, sound)]
            heap = voiceprint.heap(filmed(sound, rng) if rng.random() < 0.7 else sound)
            starts, ends = windows(loud(heap), (12, 18, 25), 8, 0.6)
            rows.append(heap.statistics(starts, ends))
            names += [f"{name}@{speed}"] * len(starts)
            few.append(heap.statistics(*windows(loud(heap), (8,), 8, 0.6)))
            other, second = before[rng.integers(len(before))]
            if other != name:
                many.append(mixed(sound, second, rng))
    one, two = np.vstack(few), np.vstack(many)
    return np.vstack(rows), np.array(names), np.vstack([one, two]), np.repeat([-1, 1], [len(one), len(two)])


def mixed(one: np.ndarray, other: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return statistics of two voices at once, where both are heard."""
    count = min(len(one), len(other))
    one, other = one[:count] / one[:count].std(), other[:count] / other[:count].std()
    both = loud(voiceprint.heap(one)) & loud(voiceprint.heap(other))
    sound = one + 10 ** (rng.uniform(-8, 8) / 20) * other
    sound = (sound / np.abs(sound).max() * 0.7).astype(np.float32)
    heap = voiceprint.heap(filmed(sound, rng) if rng.random() < 0.7 else sound)
    return heap.statistics(*windows(both, (8,), 8, 0.8))


def learn(spoken: Path) -> None:
    rows, names, pairs, which = collected(spoken)
    mean, spread = rows.mean(0), rows.std(0) + 1e-6
    scaled = (rows - mean) / spread
    groups = [scaled[names == n] for n in np.unique(names)]
    within = sum((g - g.mean(0)).T @ (g - g.mean(0)) for g in groups) / len(scaled)
    within = (1 - SHRINK) * within + SHRINK * np.trace(within) / len(within) * np.eye(len(within))
    between = np.cov(np.array([g.mean(0) for g in groups]).T)
    prints = eigh(between, within)[1][:, ::-1][:, :DIMENSIONS]
    overlap, bias = parted((pairs - mean) / spread, which)
    np.savez_compressed(
        OUT,
        mean=mean.astype(np.float16),
        spread=spread.astype(np.float16),
        prints=(prints / np.abs(prints).max()).astype(np.float16),
        overlap=overlap.astype(np.float32),
        overlap_bias=np.float32(bias),
    )
    print(len(rows), "windows of", len(groups), "voices;", OUT.name, hashlib.sha256(OUT.read_bytes()).hexdigest())


def parted(rows: np.ndarray, which: np.ndarray) -> tuple[np.ndarray, float]:
    """Return a direction and an offset that give the logarithm of the odds for the second class (+1)."""
    one, two = rows[which < 0], rows[which > 0]
    both = (np.cov(one.T) + np.cov(two.T)) / 2
    both = 0.9 * both + 0.1 * np.trace(both) / len(both) * np.eye(len(both))
    way = np.linalg.solve(both, two.mean(0) - one.mean(0))
    score = rows @ way
    best = minimize(lambda p: np.mean(np.logaddexp(0, -which * (p[0] * score + p[1]))), [1, -score.mean()]).x
    print("one voice from two, of what was learnt:", np.mean(which * (best[0] * score + best[1]) > 0).round(3))
    return best[0] * way, float(best[1])


if __name__ == "__main__":
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    steps = words.add_subparsers(dest="step", required=True)
    step = steps.add_parser("speak")
    step.add_argument("voices", type=Path)
    step.add_argument("out", type=Path)
    step.add_argument("--rounds", type=int, default=6)
    steps.add_parser("learn").add_argument("spoken", type=Path)
    chosen = words.parse_args()
    if chosen.step == "speak":
        speak(chosen.voices, chosen.out, chosen.rounds)
    else:
        learn(chosen.spoken)
