"""Can the person be recognised? The worst recogniser decides, and what cannot be tried is never called safe."""

from collections.abc import Mapping

import numpy as np
import pytest
from numpy.typing import NDArray

from tests import faces
from veil.adversary.identity import CROWD, FEWEST, Likeness, look
from veil.adversary.recognisers import NAMES, Recogniser, five_of, limits, recogniser, unit
from veil.nouns.report import Attack

Seen = Mapping[str, NDArray[np.float32]]
WIDTH = 100.0
SIDE = 64


@pytest.fixture(scope="module")
def judges() -> list[Recogniser]:
    """Return all recognisers, once."""
    return [recogniser(name) for name in NAMES]


def shown(judges: list[Recogniser], double: str, index: int) -> Seen:
    """Return what the recognisers make of a double in one frame of a scene."""
    scene = faces.speaking(30, double=double)
    mesh = scene.actors[0].mesh(index)
    assert mesh is not None
    return look(judges, scene.paint(index), [five_of(mesh)])


def filled(judges: list[Recogniser], double: str, label: str = "P1") -> Likeness:
    """Return somebody whose undisguised looks are those of a double."""
    likeness = Likeness(label)
    for index in range(0, 30, 5):
        likeness.gallery(index, WIDTH, shown(judges, double, index))
    return likeness


def made(like: float, which: int = 0) -> NDArray[np.float32]:
    """Return a vector (1, D) that has this cosine to the first axis."""
    row = np.zeros(SIDE)
    row[0], row[1 + which] = like, np.sqrt(1 - like * like)
    return row.astype(np.float32)[None]


def drawn(scores: Mapping[str, float], *, known: Mapping[str, bool] | None = None, looks: int = 6) -> Likeness:
    """Return somebody made of numbers: known to recognisers or not, with one result of these scores."""
    likeness = Likeness("P1")
    for index in range(looks):
        own = {name: made(1.0 if (known or {}).get(name, True) else 0.05, index) for name in NAMES}
        likeness.gallery(index, WIDTH, own)
    likeness.probe("T1", 40, WIDTH, {name: _at(likeness, name, scores[name]) for name in NAMES})
    return likeness


def _at(likeness: Likeness, name: str, score: float) -> NDArray[np.float32]:
    """Return a vector (1, D) of this cosine to somebody's gallery."""
    if likeness.looks < FEWEST:
        return made(score)
    own = likeness.template(name).astype(np.float64)
    other = np.zeros(SIDE)
    other[-1] = 1
    return unit(score * own + np.sqrt(1 - score * score) * other)[None]


def by_channel(likeness: Likeness) -> dict[str, Attack]:
    """Return the attacks by their channel."""
    return {attack.channel: attack for attack in likeness.attacks()}


def under(factor: float) -> dict[str, float]:
    """Return a score for every recogniser that is this share of its limit."""
    return {name: factor * limits(name, WIDTH).frame for name in NAMES}


def test_the_undisguised_face_is_recognised(judges: list[Recogniser]) -> None:
    """The same face shown as the result is exposed through every channel, and found first in a crowd."""
    likeness = filled(judges, "ada")
    ratio = likeness.probe("T1", 33, WIDTH, shown(judges, "ada", 17))
    assert ratio > 1
    found = by_channel(likeness)
    assert {a.verdict for a in found.values()} == {"exposed"}
    assert found["face"].frame == 33
    assert found["rank"].score == pytest.approx(1, abs=2)
    assert all(j.knows and j.leak == 1 for j in likeness.verdicts())


def test_another_double_is_less_like_than_the_face_itself(judges: list[Recogniser]) -> None:
    """By every recogniser, another double scores lower than the person's own face."""
    own, other = filled(judges, "ada"), filled(judges, "ada")
    own.probe("T1", 0, WIDTH, shown(judges, "ada", 17))
    other.probe("T1", 0, WIDTH, shown(judges, "kofi", 17))
    same = {j.by: j.scores[0] for j in own.verdicts()}
    assert all(j.scores[0] < same[j.by] for j in other.verdicts())


@pytest.mark.parametrize("worst", NAMES)
def test_the_worst_recogniser_decides(worst: str) -> None:
    """One recogniser above its limit exposes the person, however far below the others are."""
    scores = under(0.3) | {worst: limits(worst, WIDTH).track + 0.01}
    for attack in drawn(scores).attacks():
        assert (attack.verdict, attack.by) == ("exposed", worst)
    assert {a.verdict for a in drawn(under(0.3)).attacks()} == {"safe"}


def test_the_limit_itself_is_reached() -> None:
    """A score at the limit counts as recognised, one below it does not."""
    assert by_channel(drawn(under(1.0001)))["face"].verdict == "exposed"
    assert by_channel(drawn(under(0.99)))["face"].verdict == "safe"


@pytest.mark.parametrize("looks", range(FEWEST))
def test_no_usable_gallery_proves_nothing(looks: int) -> None:
    """Without enough undisguised looks nothing is proved, whatever the scores are."""
    likeness = drawn(under(0.1), looks=looks)
    assert {a.verdict for a in likeness.attacks()} == {"not proven"}
    assert np.isnan(likeness.probe("T1", 41, WIDTH, {name: made(0.5) for name in NAMES}))


def test_no_result_proves_nothing() -> None:
    """Somebody of whom no result was seen is not proven safe."""
    likeness = Likeness("P1")
    for index in range(6):
        likeness.gallery(index, WIDTH, {name: made(1.0) for name in NAMES})
    assert {a.verdict for a in likeness.attacks()} == {"not proven"}


def test_who_does_not_know_the_original_cannot_acquit() -> None:
    """Recognisers that do not know the undisguised face prove nothing; if none knows it, nothing is proved."""
    none = drawn(under(0.1), known=dict.fromkeys(NAMES, False))
    assert {a.verdict for a in none.attacks()} == {"not proven"}
    one = drawn(under(0.1), known=dict.fromkeys(NAMES, False) | {NAMES[0]: True})
    assert {(a.verdict, a.by) for a in one.attacks()} == {("safe", NAMES[0])}


def test_who_does_not_know_the_original_may_accuse() -> None:
    """A score above the limit is a finding even by a recogniser that is weak on this person."""
    scores = under(0.1) | {NAMES[1]: limits(NAMES[1], WIDTH).track + 0.01}
    attack = by_channel(drawn(scores, known={NAMES[1]: False}))["face"]
    assert (attack.verdict, attack.by) == ("exposed", NAMES[1])


def test_the_better_alignment_counts() -> None:
    """Of two alignments of one face the one that is more like the person is taken."""
    likeness = drawn(under(0.1))
    low, high = ({n: _at(likeness, n, s) for n, s in under(f).items()} for f in (0.2, 1.01))
    likeness.probe("T1", 7, WIDTH, {name: np.concatenate([low[name], high[name]]) for name in NAMES})
    attack = by_channel(likeness)["face"]
    assert (attack.verdict, attack.frame) == ("exposed", 7)


def test_frames_that_pass_alone_may_fail_together() -> None:
    """Noise averages out over a track: looks below every limit can still expose the person when pooled."""
    likeness = drawn(under(0.1))
    for index in range(60):
        seen = {}
        for name in NAMES:
            score = 0.9 * limits(name, WIDTH).frame
            row = score * likeness.template(name).astype(np.float64)
            row[2 + index] = np.sqrt(max(0.0, 1 - score * score))
            seen[name] = unit(row)[None]
        likeness.probe("T2", index, WIDTH, seen)
    found = by_channel(likeness)
    assert found["face"].verdict == "safe"
    assert found["face over time"].verdict == "exposed"


def test_chance_is_the_middle_of_the_crowd() -> None:
    """A score that half of all strangers reach puts the person in the middle of the crowd."""
    scores = {name: float(np.interp(-0.5, -limits(name, WIDTH).rates, limits(name, WIDTH).scores)) for name in NAMES}
    attack = by_channel(drawn(scores))["rank"]
    assert attack.score == pytest.approx(CROWD / 2, rel=0.05)
    assert attack.verdict == "safe"


def test_the_result_may_look_like_somebody_else(judges: list[Recogniser]) -> None:
    """A double that is another person's face is told, as exposing them, or as a warning where they may be seen."""
    person, other, stranger = filled(judges, "ada"), filled(judges, "kofi", "P2"), filled(judges, "chen", "P3")
    assert person.resembles([other]) is None
    person.probe("T1", 3, WIDTH, shown(judges, "kofi", 17))
    found = person.resembles([other, stranger, person])
    assert found is not None
    assert (found.channel, found.verdict, found.said) == ("someone else", "exposed", "looks like P2")
    warned = person.resembles([other, stranger], open_to_all=["P2", "P3"])
    assert warned is not None
    assert warned.verdict == "warned"


def test_a_gallery_comes_first() -> None:
    """Undisguised looks that come after results are refused: the scores before them would be wrong."""
    likeness = drawn(under(0.1))
    with pytest.raises(ValueError, match="before"):
        likeness.gallery(9, WIDTH, {name: made(1.0) for name in NAMES})


def test_who_cannot_be_compared_is_named(judges: list[Recogniser]) -> None:
    """People of whom too few looks are known are not compared, and the attack says so, alone and beside others."""
    person, other, unknown = filled(judges, "ada"), filled(judges, "kofi", "P2"), Likeness("P3")
    assert person.resembles([unknown]) is None  # nothing was shown yet
    person.probe("T1", 3, WIDTH, shown(judges, "chen", 17))
    alone, beside = person.resembles([unknown]), person.resembles([other, unknown])
    assert alone is not None
    assert beside is not None
    assert (alone.score, alone.verdict) == (None, "safe")
    assert beside.score is not None
    assert all("not compared with P3" in a.said for a in (alone, beside))


def test_what_is_no_number_never_passes() -> None:
    """A score that is not a number exposes, through every channel."""
    likeness = drawn(under(0.1))
    likeness.probe("T2", 50, WIDTH, {name: np.full((1, SIDE), np.nan, np.float32) for name in NAMES})
    with np.errstate(invalid="ignore"):
        assert {a.verdict for a in likeness.attacks()} == {"exposed"}
