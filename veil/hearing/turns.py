"""Who speaks when: voiced sound is cut into turns, and each turn is tied to somebody who is seen to say it.

Windows of a second and more get prints (`voiceprint`); prints that are alike are grouped; lips that move in the rhythm
of syllables (`mouths`) split a group in which two people are seen to speak, and name it. Then the most likely row of
speakers is found over all voiced time (Viterbi 1967), with what the ear and what the eye say of each moment. A voice
is a person of the cast only where their mouth moves with it; a face that keeps still, nods or smiles while somebody
else is heard never gets the voice, and a narrator over pictures stays V1.

Two people taken for one voice is the worst mistake, so groups are rather split than joined. `Turn.sure` says how far
a turn can be believed: whoever lets a voice be heard must take a turn less sure than `DOUBTFUL_TURN`, and every span
in `Turn.overlapped`, for somebody else's.
"""

from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter1d

from veil.hearing.grouping import Groups, grouped, most_likely, parts_of
from veil.hearing.mouths import Mouth, loudness
from veil.hearing.voiceprint import BLOCK_S, Floats, Heap, heap, prints, two_at_once
from veil.nouns.lips import Lips
from veil.nouns.speech import HEARING_HZ, Sound, Turn
from veil.nouns.time import Span

_STEP = 2  # blocks between two moments that are judged
_NARROW = 6  # blocks on each side of a moment that its print hears
_JOIN = 3  # blocks of silence that do not end a stretch of voice
_PAUSE = 6  # blocks of silence that end a turn
_LEAST_TURN = 3  # blocks; what is shorter goes to its neighbour, where there is one
_PIECE = 50  # moments of one voice that are heard as one: ten seconds
_EAR = 5.0  # logarithm of odds that a likeness of 1 adds to a moment
_EYE = 0.45  # of what the lips say
_HIDDEN = -0.25  # of somebody whose mouth is not seen now, though it often is
_CHANGE = 5.0  # logarithm of odds against another speaker at the next moment
_PASSES = 3
_SPOKEN_FOR = 0.6  # what the lips of a person must say, in the mean, of a voice that is theirs
_FOLLOWED = 1.5  # standard deviations above chance by which lips follow a voice that is surely theirs
_STRANGE = 0.0  # lips that follow it less than this belong to somebody who is spoken over
_TOLD_S = 8.0  # of seen mouth, below which following the sound tells little
_DOUBT = 3.0  # logarithm of odds that a moment loses whose voice may be somebody's who sounds alike
_SHORTEST_S = 2.5  # of seen mouth, up to which there is too little to ask for more than that it moves
_SHORT, _DOUBTED = 0.8, 0.6  # how sure a voice is of which little is seen, and of which the mouth may be another's
_TWO = -0.5  # logarithm of odds above which two voices are heard at once
_RESTING, _REST = -1.0, 10  # of the lips whose voice it seems to be: so still for so many blocks, it is another's
_STRANGER = 0.5  # how sure such a turn is at most
_MOVING = 1.2  # of somebody else's lips, above which they speak too


@dataclass(frozen=True, eq=False)
class _Scene:
    """All that is known of a film's sound and mouths, moment by moment (M of them, `_STEP` blocks apart)."""

    heap: Heap
    loudness: NDArray[np.float64]
    voiced: NDArray[np.bool_]  # (blocks,)
    moments: NDArray[np.int64]  # (M,) the block in the middle of each
    prints: Floats  # (M, D)
    groups: Groups  # of these
    two: Floats  # (M,)
    runs: NDArray[np.int64]  # (M,) which stretch of voice it is in
    mouths: dict[str, Mouth]

    def talks(self, label: str) -> NDArray[np.float64]:
        return np.asarray(self.mouths[label].talks[self.moments], np.float64)

    def sees(self, label: str) -> NDArray[np.bool_]:
        return np.asarray(self.mouths[label].seen[self.moments], np.bool_)


@dataclass(frozen=True, eq=False)
class _Voice:
    """One voice of the film: its print, whose it is ("" where nobody is seen to speak), and how sure that is."""

    print: Floats
    owner: str = ""
    sure: float = 0.5


def turns(sound: Sound, voiced: tuple[Span, ...], lips: dict[str, Lips]) -> tuple[Turn, ...]:
    """Return who speaks when in a sound at 16 kHz, in order of time.

    Every part of `voiced` lies in at least one turn. Speakers are labels out of `lips`, or V1, V2, ... in order of
    time for voices that nobody is seen to speak with. The whole needs about 120 MB an hour beside the sound. Raises
    ValueError when the sound is not one row of float32.
    """
    if sound.ndim != 1 or sound.dtype != np.float32:
        raise ValueError(f"a sound is float32 (samples,), not {sound.dtype} {sound.shape}")
    scene = _scene(sound, voiced, lips)
    if not len(scene.moments):
        return tuple(Turn("V1", span, 0.0) for span in sorted(voiced) if span.length_s > 0)
    path, voices = _spoken(scene)
    end = max(span.end for span in voiced)
    return _covering(_named(_cut(scene, path, voices), len(scene.voiced), end), voiced)


def _scene(sound: Sound, voiced: tuple[Span, ...], lips: dict[str, Lips]) -> _Scene:
    heard = heap(sound)
    blocks = len(heard)
    mask = np.zeros(blocks, np.bool_)
    for span in voiced:
        mask[max(0, int(span.start / Fraction(BLOCK_S))) : int(np.ceil(float(span.end) / BLOCK_S))] = True
    moments, starts, ends, runs = [], [], [], []
    for run, (first, last) in enumerate(stretches(mask, _JOIN)):
        middles = np.arange(first + min(_STEP // 2, (last - first) // 2), last, _STEP)
        half = min(_NARROW, max(1, (last - first) // 2))
        centres = np.clip(middles, first + half, max(first + half, last - half))
        moments.append(middles)
        starts.append(np.maximum(first, centres - half))
        ends.append(np.minimum(last, centres + half))
        runs.append(np.full(len(middles), run))
    none = [np.zeros(0, np.int64)]
    at, start, end = (np.concatenate(none + parts) for parts in (moments, starts, ends))
    heard_prints = prints(heard.statistics(start, end))
    which = np.concatenate(none + runs)
    narrow = heard.statistics(np.maximum(at - 4, 0), np.minimum(at + 4, blocks)) if len(at) else None
    mouths = {label: Mouth(one, blocks) for label, one in lips.items()} if blocks else {}
    return _Scene(
        heard,
        loudness(sound),
        mask,
        at,
        heard_prints,
        _groups(heard, heard_prints, at, which),
        np.zeros(0, np.float32) if narrow is None else uniform_filter1d(two_at_once(narrow), 3),
        which,
        mouths,
    )


def _groups(heard: Heap, moments: Floats, at: NDArray[np.int64], runs: NDArray[np.int64]) -> Groups:
    """Group moments (their prints, blocks and stretches of voice): first into short stretches, then those.

    The print of a whole stretch tells voices far better apart than that of a moment.
    """
    if not len(at):
        return Groups(np.zeros(0, np.int64), moments)
    rough = most_likely((_EAR * (moments @ parts_of(moments).T)).astype(np.float64), runs, _CHANGE)
    changes = np.flatnonzero((np.diff(rough) != 0) | (np.diff(runs) != 0)) + 1
    edges = [0]
    for change in [*changes.tolist(), len(at)]:
        pieces = max(1, round((change - edges[-1]) / _PIECE))
        edges += np.linspace(edges[-1], change, pieces + 1).astype(int)[1:].tolist()
    first, last = np.array(edges[:-1]), np.array(edges[1:])
    starts, ends = at[first] - _STEP // 2, at[last - 1] + _STEP - _STEP // 2
    statistics = heard.statistics(np.maximum(starts, 0), np.minimum(ends, len(heard)))
    return grouped(prints(statistics), last - first)


def stretches(mask: NDArray[np.bool_], join: int = 0) -> list[tuple[int, int]]:
    """Return where a row is true, half-open; gaps of `join` and less do not part two stretches."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8)))
    found: list[tuple[int, int]] = []
    for first, last in edges.reshape(-1, 2).tolist():
        if found and first - found[-1][1] <= join:
            found[-1] = (found[-1][0], last)
        else:
            found.append((first, last))
    return found


def _spoken(scene: _Scene) -> tuple[NDArray[np.int64], list[_Voice]]:
    """Return which voice is heard at each moment, and the voices."""
    groups = _parted_by_lips(scene, scene.groups.voices)
    voices: list[_Voice] = []
    path = groups
    for _ in range(_PASSES):
        voices = [_owned(scene, path == g, scene.prints[path == g]) for g in range(int(path.max()) + 1)]
        path = most_likely(_evidence(scene, voices), scene.runs, _CHANGE)
        there = np.unique(path)
        voices = [voices[g] for g in there]
        path = np.searchsorted(there, path)
    return path, [_owned(scene, path == g, scene.prints[path == g]) for g in range(len(voices))]


def _parted_by_lips(scene: _Scene, groups: NDArray[np.int64]) -> NDArray[np.int64]:
    """Split each group in which several people are each seen to speak while the others are not."""
    if len(scene.mouths) < 2:
        return groups
    talks = np.array([scene.talks(label) for label in scene.mouths])
    best = talks.argmax(0)
    order = np.sort(talks, axis=0)
    alone = (order[-1] > 1.0) & (order[-1] - order[-2] > 2.0)  # one mouth moves, the others rest or are not seen
    parted = groups.copy()
    fresh = int(groups.max()) + 1
    for group in range(fresh):
        members = groups == group
        seeds = [members & alone & (best == p) for p in range(len(talks))]
        speakers = [p for p, seed in enumerate(seeds) if seed.sum() >= 3 and seed.sum() >= 0.03 * members.sum()]
        if len(speakers) < 2:
            continue
        means = np.array([scene.prints[seeds[p]].mean(0) for p in speakers])
        means /= np.linalg.norm(means, axis=1, keepdims=True)
        score = _EAR * scene.prints[members] @ means.T + _EYE * talks[speakers][:, members].T
        for place, _ in enumerate(speakers[1:], start=1):
            parted[np.flatnonzero(members)[score.argmax(1) == place]] = fresh
            fresh += 1
    return np.asarray(np.unique(parted, return_inverse=True)[1].reshape(-1), np.int64)


def _owned(scene: _Scene, here: NDArray[np.bool_], heard: Floats) -> _Voice:
    """Return the voice of these moments, with the person whose lips say it."""
    mean = heard.mean(0)
    voice = _Voice(mean / max(float(np.linalg.norm(mean)), 1e-6))
    scores = {}
    for label in scene.mouths:
        seen = here & scene.sees(label)
        if seen.sum() >= 2:
            scores[label] = float(scene.talks(label)[seen].mean()) * min(1.0, seen.sum() / 5)
    if not scores:
        return voice
    label = max(scores, key=lambda one: scores[one])
    if scores[label] < _SPOKEN_FOR:
        return voice
    seen_blocks = np.zeros(len(scene.voiced), np.bool_)
    for offset in range(_STEP):
        seen_blocks[np.minimum(scene.moments[here] + offset, len(seen_blocks) - 1)] = True
    follows = scene.mouths[label].follows(scene.loudness, seen_blocks)
    seen_s = float((here & scene.sees(label)).sum()) * _STEP * BLOCK_S
    if follows is not None and seen_s >= _TOLD_S and follows < _STRANGE:
        return voice
    others = [score for name, score in scores.items() if name != label]
    rivalled = bool(others) and scores[label] - max(others) < 0.5
    return replace(voice, owner=label, sure=_DOUBTED if rivalled else _trust(follows, seen_s))


def _trust(follows: float | None, seen_s: float) -> float:
    """Return how sure it is that a mouth that moves has the voice, by how well it follows the sound."""
    if follows is None or seen_s < _SHORTEST_S:
        return _SHORT
    return 0.97 if follows >= _FOLLOWED else _DOUBTED


def _evidence(scene: _Scene, voices: list[_Voice]) -> NDArray[np.float64]:
    """Return the logarithm of the odds (M, voices) that each moment is each voice's."""
    odds: NDArray[np.float64] = _EAR * (scene.prints @ np.array([v.print for v in voices]).T).astype(np.float64)
    for place, voice in enumerate(voices):
        if voice.owner:
            seen = scene.sees(voice.owner)
            odds[:, place] += np.where(seen, _EYE * scene.talks(voice.owner), _HIDDEN if seen.mean() > 0.8 else 0.0)
    return odds


@dataclass(frozen=True)
class _Draft:
    """A turn before it has its name: which voice, blocks `first` to `last`, whose lips, how sure, where two speak."""

    voice: int
    owner: str
    first: int
    last: int
    sure: float
    overlapped: tuple[tuple[int, int], ...] = ()


def _cut(scene: _Scene, path: NDArray[np.int64], voices: list[_Voice]) -> list[_Draft]:
    """Cut voiced time where the voice changes or pauses, and mark where two are heard or seen at once."""
    blocks = len(scene.voiced)
    speaking = np.full(blocks, -1)
    for first, last in stretches(scene.voiced, _JOIN):
        inside = (scene.moments >= first) & (scene.moments < last)
        if inside.any():
            at, who = scene.moments[inside], path[inside]
            nearest = np.clip(np.searchsorted(at, np.arange(first, last) - _STEP // 2), 0, len(at) - 1)
            speaking[first:last] = who[nearest]
    _set_apart(scene, path, voices, speaking)
    sure = _sureness(scene, path, voices)
    two, beside = _overlaps(scene, path, voices)
    drafts = []
    for number in range(2 * len(voices)):
        owner, apart = voices[number % len(voices)].owner, number >= len(voices)
        for first, last in stretches(speaking == number, _PAUSE):
            inside = (scene.moments >= first) & (scene.moments < last) & (path == number % len(voices))
            spans = tuple((max(first, a), min(last, b)) for a, b in two if a < last and b > first)
            trust = float(np.mean(sure[inside])) if inside.any() else 0.3
            trust = min(trust, 0.65) if last - first <= _LEAST_TURN + 2 else trust
            most = _STRANGER if apart else 1.0
            drafts.append(_Draft(number, "" if apart else owner, first, last, min(trust, most), spans))
    for label, first, last in beside:
        drafts.append(_Draft(-1, label, first, last, 0.5, ((first, last),)))
    return sorted(drafts, key=lambda d: (d.first, d.last))


def _set_apart(scene: _Scene, path: NDArray[np.int64], voices: list[_Voice], speaking: NDArray[np.int64]) -> None:
    """Take from a person, in place, what sounds like them while they are seen to keep their mouth still.

    Such a block gets the number of the voice and that of all voices on top: a stranger, who sounds alike.
    """
    for number, voice in enumerate(voices):
        if not voice.owner:
            continue
        still = (path == number) & scene.sees(voice.owner) & (scene.talks(voice.owner) < _RESTING)
        for first, last in stretches(_spread(scene, still, len(speaking)) & (speaking == number), 1):
            if last - first >= _REST:
                speaking[first:last] = number + len(voices)


def _sureness(scene: _Scene, path: NDArray[np.int64], voices: list[_Voice]) -> NDArray[np.float64]:
    """Return for each moment how sure its speaker is, 0 to 1: by ear against the next voice, and by eye."""
    likeness = (scene.prints @ np.array([v.print for v in voices]).T).astype(np.float64)
    rows = np.arange(len(path))
    own = likeness[rows, path]
    others = likeness.copy()
    for number, voice in enumerate(voices):  # another voice of the same person is no rival
        same = [n for n, v in enumerate(voices) if n == number or (voice.owner and v.owner == voice.owner)]
        others[np.ix_(path == number, same)] = -1
    rival = np.maximum(others.max(1), 0.3)
    odds = 1.0 + 7 * (own - rival)
    for label in scene.mouths:
        mine = np.array([v.owner == label for v in voices])[path]
        says = np.where(scene.sees(label), scene.talks(label), 0)
        odds += np.where(mine, 0.8 * says, -0.5 * np.maximum(says, 0))
    odds -= np.where(_confirmed(scene, path, voices), 0, _DOUBT)
    by_voice = np.array([v.sure if v.owner else 0.95 for v in voices])[path]
    return np.asarray(by_voice / (1 + np.exp(-odds)), np.float64)


def _confirmed(scene: _Scene, path: NDArray[np.int64], voices: list[_Voice]) -> NDArray[np.bool_]:
    """Tell at which moments a voice is surely the one that it is taken for.

    Voices are joined from parts that are alike, yet may be two people's: only a voice's largest part is sure, and
    those parts that its owner is seen to say.
    """
    near = uniform_filter1d(scene.prints @ scene.groups.parts.T, 9, axis=0, mode="nearest").argmax(1)
    sure = np.zeros(len(path), np.bool_)
    for number, voice in enumerate(voices):
        mine = path == number
        counts = np.bincount(near[mine], minlength=len(scene.groups.parts))
        sure |= mine & (near == counts.argmax())
        if voice.owner:
            for part in np.flatnonzero(counts):
                seen = mine & (near == part) & scene.sees(voice.owner)
                if seen.sum() >= 5 and scene.talks(voice.owner)[seen].mean() > _SPOKEN_FOR:
                    sure |= mine & (near == part)
    return sure


def _overlaps(
    scene: _Scene, path: NDArray[np.int64], voices: list[_Voice]
) -> tuple[list[tuple[int, int]], list[tuple[str, int, int]]]:
    """Return the blocks in which two speak at once, and those in which somebody is seen to speak beside."""
    blocks = len(scene.voiced)
    marks = np.zeros(blocks, np.bool_)
    beside = []
    two = scene.two > _TWO
    for label in scene.mouths:
        mine = np.array([v.owner == label for v in voices])[path]
        moves = scene.sees(label) & (scene.talks(label) > _MOVING) & ~mine
        own = _spread(scene, moves, blocks) & scene.voiced
        marks |= own
        beside += [(label, a, b) for a, b in stretches(own, _JOIN) if b - a >= _LEAST_TURN]
    marks |= _spread(scene, two, blocks)
    return [(a, b) for a, b in stretches(marks & scene.voiced, 2) if b - a >= 2], beside


def _spread(scene: _Scene, moments: NDArray[np.bool_], blocks: int) -> NDArray[np.bool_]:
    """Return the blocks around these moments."""
    mask = np.zeros(blocks, np.bool_)
    for offset in range(-(_STEP // 2), _STEP - _STEP // 2 + 1):
        mask[np.clip(scene.moments[moments] + offset, 0, blocks - 1)] = True
    return mask


def _named(drafts: list[_Draft], blocks: int, end: Fraction) -> list[Turn]:
    """Give voices without an owner V1, V2, ... in order of time; the last of so many blocks may end a little later."""

    def at(block: int) -> Fraction:
        instant = Fraction(block * round(BLOCK_S * HEARING_HZ), HEARING_HZ)
        return end if block == blocks and instant < end < instant + Fraction(BLOCK_S) else instant

    names: dict[int, str] = {}
    named = []
    for draft in drafts:
        speaker = draft.owner
        if not speaker:
            speaker = names.setdefault(draft.voice, f"V{len(names) + 1}")
        spans = tuple(Span(at(a), at(b)) for a, b in draft.overlapped)
        sure = round(min(1.0, max(0.0, draft.sure)), 3)
        named.append(Turn(speaker, Span(at(draft.first), at(draft.last)), sure, spans))
    return named


def _covering(found: list[Turn], voiced: tuple[Span, ...]) -> tuple[Turn, ...]:
    """Add doubtful turns for what is voiced and lies in none: behind the sound's end."""
    added = []
    for span in sorted(voiced):
        at = span.start
        for turn in sorted((t for t in found if t.span.meets(span)), key=lambda t: t.span.start):
            if turn.span.start > at:
                added.append(Turn(turn.speaker, Span(at, turn.span.start), 0.0))
            at = max(at, turn.span.end)
        if at < span.end:
            before = max((t for t in found if t.span.end <= at), key=lambda t: t.span.end, default=None)
            added.append(Turn(before.speaker if before else "V1", Span(at, span.end), 0.0))
    return tuple(sorted(found + added, key=lambda t: (t.span.start, t.span.end, t.speaker)))
