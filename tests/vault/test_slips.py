"""Slips of custodians: enough of them give the key, fewer give nothing, and what is wrong is said with its place."""

import itertools
import secrets

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shamir_mnemonic.shamir import combine_mnemonics, generate_mnemonics
from shamir_mnemonic.wordlist import WORDLIST

from veil.errors import VeilError
from veil.vault.slips import (
    PACKED_BYTES,
    WORDS,
    SlipMisread,
    SlipsApart,
    SlipTwice,
    TooFewSlips,
    check,
    join,
    pack,
    split,
    unpack,
)

KEY = bytes(range(100, 132))
SLIPS = split(KEY)
_WORD = st.sampled_from(WORDLIST)


def bent(slip: str, place: int, word: str) -> str:
    """Return a slip with another word at a place counted from 0."""
    words = slip.split()
    words[place] = word
    return " ".join(words)


@settings(max_examples=25, deadline=None)
@given(st.binary(min_size=32, max_size=32), st.integers(2, 5), st.integers(0, 3), st.randoms())
def test_enough_slips_give_the_key(key: bytes, needed: int, more: int, dice: object) -> None:
    """Any `needed` slips, in any order, give the key; the reference of SLIP-39 agrees; one fewer does not."""
    slips = list(split(key, needed, needed + more))
    assert all(len(slip.split()) == WORDS for slip in slips)
    dice.shuffle(slips)  # type: ignore[attr-defined]
    assert join(slips[:needed]) == join(slips) == key == combine_mnemonics(slips[:needed])
    with pytest.raises(TooFewSlips) as caught:
        join(slips[: needed - 1])
    assert caught.value.facts["missing"] == 1


def test_every_pair() -> None:
    """Each two of three slips give the key; one alone, or none, is too few."""
    for pair in itertools.combinations(SLIPS, 2):
        assert join(pair) == KEY
    for few in ([], [SLIPS[1]]):
        with pytest.raises(TooFewSlips):
            join(few)
    with pytest.raises(TooFewSlips, match="2 more"):
        join(split(KEY, 4, 5)[:2])


def test_no_slip_tells_of_the_key() -> None:
    """Slips of the same key made twice share nothing but how they are made: no slip is a picture of the key."""
    first, second = (pack(split(KEY)[0])[6:] for _ in range(2))
    assert first != second
    assert KEY[:8] not in first + second


def test_written_by_hand() -> None:
    """Capitals, numbers, stops and line ends do not matter."""
    text = ",\n".join(f"{i}. {word.upper()}" for i, word in enumerate(SLIPS[0].split(), 1))
    assert join([text, SLIPS[2]]) == KEY


def test_a_repeated_slip() -> None:
    """The same slip twice does not count for two, and it is said which two are the same."""
    with pytest.raises(SlipTwice) as caught:
        join([SLIPS[0], SLIPS[1], SLIPS[0].upper()])
    assert (caught.value.facts["first"], caught.value.facts["second"]) == (1, 3)


def test_slips_of_different_keys() -> None:
    """Slips of two keys, of two makings, or one that was forged with a right checksum do not join."""
    for other in (split(secrets.token_bytes(32)), split(KEY), split(KEY, 3, 3)):
        with pytest.raises(SlipsApart):
            join([SLIPS[0], other[1]])
    forged = bytearray(pack(SLIPS[1]))
    forged[20] ^= 1
    for slips in ([SLIPS[0], unpack(bytes(forged))], [*SLIPS[:2], unpack(bytes(forged))]):
        with pytest.raises(SlipsApart):
            join(slips)
    forged = bytearray(pack(SLIPS[2]))
    forged[20] ^= 1
    with pytest.raises(SlipsApart):
        join([*SLIPS[:2], unpack(bytes(forged))])


def test_a_word_that_is_none() -> None:
    """A word outside the list is told by slip and place, near words are offered, and what was typed is not repeated."""
    place = 16
    meant = SLIPS[1].split()[place]
    typed = meant[:-1] + "qz"
    with pytest.raises(SlipMisread) as caught:
        join([SLIPS[0], bent(SLIPS[1], place, typed)])
    wrong = caught.value
    assert (wrong.slip, wrong.word) == (2, 17)
    assert meant in wrong.near
    assert meant in wrong.hint
    assert typed not in str(wrong) + wrong.hint
    assert str(wrong) == wrong.templates[0] % wrong.facts


def test_a_word_of_another_alphabet() -> None:
    """A word in Cyrillic letters is told as one that is none."""
    with pytest.raises(SlipMisread, match="word 1 of slip 1"):
        join([bent(SLIPS[0], 0, "вода"), SLIPS[1]])


@settings(max_examples=60, deadline=None)
@given(st.integers(0, WORDS - 1), _WORD)
def test_one_wrong_word_is_found(place: int, word: str) -> None:
    """One word that is in the list but not on the slip is pointed at."""
    if SLIPS[0].split()[place] == word:
        return
    with pytest.raises(SlipMisread) as caught:
        join([SLIPS[1], bent(SLIPS[0], place, word)])
    assert (caught.value.slip, caught.value.word) == (2, place + 1)
    assert word not in caught.value.hint.split()


@settings(max_examples=40, deadline=None)
@given(st.integers(0, WORDS - 2))
def test_two_words_that_changed_places_are_found(place: int) -> None:
    """Two neighbours that changed places are pointed at."""
    words = SLIPS[0].split()
    words[place], words[place + 1] = words[place + 1], words[place]
    if words[place] == words[place + 1]:
        return
    with pytest.raises(SlipMisread, match="changed places") as caught:
        check(" ".join(words))
    assert caught.value.word == place + 1


@settings(max_examples=150, deadline=None)
@given(st.lists(_WORD, max_size=40) | st.lists(st.text(max_size=8), max_size=40))
def test_any_words_are_answered(words: list[str]) -> None:
    """Whatever is typed, the answer is a sentence."""
    with pytest.raises(VeilError):
        join([" ".join(words), SLIPS[0]])


def test_words_left_out() -> None:
    """A slip with a word too few or too many is told as such."""
    for text in (SLIPS[0].rsplit(" ", 1)[0], SLIPS[0] + " academic", ""):
        with pytest.raises(SlipMisread, match="slip 2 has more or fewer words"):
            join([SLIPS[1], text])


def test_slips_of_other_programs() -> None:
    """Slips of a wallet (several groups, one of one, or of a shorter secret) are not taken for ours."""
    strangers = [
        generate_mnemonics(2, [(2, 3), (2, 3)], KEY)[0][0],
        generate_mnemonics(1, [(1, 1)], KEY)[0][0],
        generate_mnemonics(1, [(2, 3)], KEY[:16])[0][0],
        generate_mnemonics(1, [(2, 3)], KEY, extendable=False)[0][0],
    ]
    for slip in strangers:
        with pytest.raises(SlipMisread):
            check(slip)


@settings(max_examples=30, deadline=None)
@given(st.binary(min_size=32, max_size=32), st.integers(2, 16))
def test_packed(key: bytes, of: int) -> None:
    """Every slip comes back from its 38 bytes."""
    for slip in split(key, 2, of):
        assert len(pack(slip)) == PACKED_BYTES == 38
        assert unpack(pack(slip)) == slip


@settings(max_examples=100)
@given(st.binary(max_size=50) | st.binary(min_size=38, max_size=38).map(lambda data: b"\1" + data[1:]))
def test_what_is_not_packed(data: bytes) -> None:
    """Bytes that are no slip are refused with a sentence, or are a slip that says the same bytes."""
    try:
        assert pack(unpack(data)) == data
    except VeilError:
        return


@pytest.mark.parametrize(("needed", "of"), [(1, 1), (1, 3), (0, 3), (3, 2), (2, 17)])
def test_shares_that_make_no_sense(needed: int, of: int) -> None:
    """One custodian alone never has a key, and more than sixteen have none."""
    with pytest.raises(ValueError, match="at least two"):
        split(KEY, needed, of)
    with pytest.raises(ValueError, match="32 bytes"):
        split(KEY[:16])
