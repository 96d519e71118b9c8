"""Signs to the viewer: they can be read in every language and size, come and go softly, and touch nothing else."""

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest

from veil.disguise.scene import signs
from veil.disguise.scene.signs import SENTENCES, Signs, card, check_text, mark
from veil.errors import VeilError
from veil.nouns.picture import Box
from veil.nouns.signals import CORNERS, LANGUAGES, Corner, Language
from veil.nouns.time import Span

SIZES = [(320, 240), (640, 480), (1280, 720), (720, 1280), (1920, 1080), (321, 241), (97, 321), (3840, 2160)]
SHOWN = Span(Fraction(1, 4), Fraction(21, 4))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_is_drawn_truly(language: Language) -> None:
    """The font has every letter of the sentence and of the mark in each language that the plan may name."""
    check_text(SENTENCES[language])
    check_text(signs._MARKS[language])


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_card_fits(language: Language, size: tuple[int, int]) -> None:
    """In every language and size of picture the sentence lies within the picture's lower part, with room around it."""
    sign = card(SENTENCES[language], *size)
    words = sign.written
    assert sign.box == Box(0, sign.box.top, *size)
    assert sign.box.top % 2 == 0
    assert 0.02 * size[0] <= words.left
    assert words.right <= 0.98 * size[0]
    assert words.bottom <= 0.97 * size[1]
    assert words.top >= 0.45 * size[1]
    assert abs(words.centre[0] - size[0] / 2) < 0.04 * size[0], "it does not stand in the middle"
    assert not sign.letters[: words.top - sign.box.top].any()
    assert float(sign.letters.max()) > 0.7


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("corner", CORNERS[1:])
def test_the_mark_stands_in_its_corner(corner: Corner, size: tuple[int, int]) -> None:
    """The mark lies whole in the corner that the plan names, in every size of picture."""
    sign = mark(corner, "de", *size)
    assert sign is not None
    words, (width, height) = sign.written, size
    assert (words.centre[0] < width / 2) == ("left" in corner) or words.width > 0.5 * width
    assert (words.centre[1] < height / 2) == ("top" in corner)
    assert words.left > 0
    assert words.top > 0
    assert words.right < width
    assert words.bottom < height
    assert words.width <= 0.65 * width


def test_no_mark() -> None:
    """Where the plan says off, there is none."""
    assert mark("off", "en", 640, 480) is None


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("من أجل سلامتهم", "right to left"),
        ("לביטחונם", "right to left"),
        ("उनकी सुरक्षा के लिए", "font has no"),
        ("two\nlines", "no letter"),
    ],
)
def test_what_cannot_be_drawn_truly_is_refused(text: str, why: str) -> None:
    """A sentence that the font would draw backwards, unshaped or as boxes is refused with a hint, not drawn badly."""
    with pytest.raises(VeilError, match=why) as caught:
        check_text(text)
    assert caught.value.hint


@pytest.mark.parametrize("text", ["word " * 90, "w" * 300])
def test_a_text_that_does_not_fit_is_refused(text: str) -> None:
    """A sentence that would cover the picture, or run out of it, is refused."""
    with pytest.raises(VeilError, match="too long"):
        card(text, 640, 480)


def test_it_comes_and_goes_softly() -> None:
    """The card is not there at first, comes up without a step, stands, goes, and is never seen again."""
    shown = Signs(card(SENTENCES["en"], 640, 480), SHOWN)
    up = [sum(opacity for _, opacity in shown.at(Fraction(i, 25))) for i in range(200)]
    assert up[:6] == [0] * 6
    assert max(up) == 1
    assert up[50] == up[100] == 1
    assert not any(up[132:])
    assert max(abs(a - b) for a, b in pairwise(up)) < 0.11
    assert all(bool(shown.at(Fraction(i, 25))) == (up[i] > 0) for i in range(200))


def test_the_mark_makes_room_for_the_card() -> None:
    """Two texts never lie upon each other: a mark at the foot goes as the card comes, one at the top stays."""
    for corner, least in (("bottom left", 0.0), ("top left", 1.0)):
        both = Signs(card(SENTENCES["en"], 640, 480), SHOWN, mark(corner, "en", 640, 480))  # type: ignore[arg-type]
        marks = [o for sign, o in both.at(Fraction(3)) if sign is both.mark]
        assert sum(marks) == least
        assert [o for _, o in both.at(Fraction(9))] == [1]


def test_only_the_sign_is_drawn() -> None:
    """Where neither letters nor their ground are, the picture stays; the letters come out nearly white on snow too."""
    sign = mark("top left", "en", 640, 480)
    assert sign is not None
    noise = np.random.default_rng(1).integers(0, 256, (sign.box.height, sign.box.width, 3), np.uint8)
    snow = np.full_like(noise, 250)
    bare = (sign.letters == 0) & (sign.ground == 0)
    assert np.array_equal(sign.over(noise, 1.0)[bare], noise[bare])
    drawn = sign.over(snow, 1.0).astype(int).mean(2)
    letters, beside = drawn[sign.letters > 0.75].mean(), drawn[(sign.letters == 0) & (sign.ground > 0.3)].mean()
    assert letters - beside > 60, "it cannot be read"
    assert np.array_equal(sign.over(noise, 0.0), noise)
