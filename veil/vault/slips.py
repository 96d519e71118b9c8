"""A key in the hands of several custodians: slips of 33 words, of which some must come together (SLIP-39).

Fewer slips than needed tell nothing about the key. Slips of one key begin with the same two or three words: whoever
sees two slips can tell that they belong together, so custodians should not carry theirs side by side.
"""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import xor

from shamir_mnemonic.constants import CUSTOMIZATION_STRING_EXTENDABLE
from shamir_mnemonic.rs1024 import create_checksum, verify_checksum
from shamir_mnemonic.shamir import EncryptedMasterSecret, ShareGroup, generate_mnemonics, recover_ems
from shamir_mnemonic.share import Share
from shamir_mnemonic.utils import MnemonicError
from shamir_mnemonic.wordlist import WORD_INDEX_MAP, WORDLIST

from veil.errors import VeilError

KEY_BYTES, WORDS, MOST = 32, 33, 16
PACKED_BYTES = 1 + 5 + KEY_BYTES
# PBKDF2 rounds slow down who guesses a passphrase; here there is none, and the key is random: more would hide no more.
_NO_MORE_ROUNDS = 0
_VERSION = b"\1"
_CHECK_WORDS, _WORD_BITS, _HEAD_WORDS = 3, 10, 4
_STRAY = "0123456789.,;:!?()[]-–—\"'«»"  # numbering and stops that people write beside words


class Unjoined(VeilError):
    """Slips do not give a key. The sentences are templates with facts in them, so that they can be translated."""

    def __init__(self, problem: str, hint: str, **facts: int | str) -> None:
        super().__init__(problem % facts, hint % facts)
        self.templates, self.facts = (problem, hint), facts


class TooFewSlips(Unjoined):
    """More slips are needed."""


class SlipTwice(Unjoined):
    """One slip was given twice."""


class SlipsApart(Unjoined):
    """The slips are not of one key."""


class SlipMisread(Unjoined):
    """A slip is not what was written down: `slip` and `word` (from 1) say where, `near` what may have been meant.

    `word` is 0 where it cannot be told. What was typed is not repeated.
    """

    def __init__(self, problem: str, hint: str, slip: int, word: int = 0, near: Sequence[str] = ()) -> None:
        super().__init__(problem, hint, slip=slip, word=word, near=", ".join(near))
        self.slip, self.word, self.near = slip, word, tuple(near)

    def of(self, slip: int) -> "SlipMisread":
        """Return the same about the slip of another number."""
        return SlipMisread(*self.templates, slip, self.word, self.near)


def split(key: bytes, needed: int = 2, of: int = 3) -> tuple[str, ...]:
    """Return slips, any `needed` of which give the key again; 2 to 16 of them."""
    if len(key) != KEY_BYTES:
        raise ValueError("a key has 32 bytes")
    if not 2 <= needed <= of <= MOST:
        raise ValueError("at least two of at most sixteen")
    slips: list[str] = generate_mnemonics(1, [(needed, of)], key, iteration_exponent=_NO_MORE_ROUNDS)[0]
    return tuple(slips)


def join(slips: Sequence[str]) -> bytes:
    """Return the key; raise `TooFewSlips`, `SlipTwice`, `SlipsApart` or `SlipMisread`.

    Where more slips come than are needed, each must agree with the others.
    """
    shares = [_share(text, number) for number, text in enumerate(slips, 1)]
    if not shares:
        raise _too_few(2)
    _check_together(shares)
    needed = shares[0].member_threshold
    if len(shares) < needed:
        raise _too_few(needed - len(shares))
    keys = {_joined([*shares[: needed - 1], other]) for other in shares[needed - 1 :]}
    if len(keys) != 1:
        raise _apart()
    return keys.pop()


def check(slip: str) -> None:
    """Raise `SlipMisread` unless a slip is written rightly; says nothing about which key it is of."""
    _share(slip, 1)


def pack(slip: str) -> bytes:
    """Return a slip as 38 bytes, to be sealed to its custodian; raise `SlipMisread`."""
    share = _share(slip, 1)
    head = reduce(lambda number, word: number << _WORD_BITS | WORD_INDEX_MAP[word], share.words()[:_HEAD_WORDS], 0)
    value: bytes = share.value
    return _VERSION + head.to_bytes(5, "big") + value


def unpack(packed: bytes) -> str:
    """Return the slip that was packed; raise VeilError when these bytes are none."""
    if len(packed) != PACKED_BYTES or packed[:1] != _VERSION:
        raise VeilError("this is not a custodian's slip", "take it from the place where it was kept")
    head = int.from_bytes(packed[1:6], "big")
    words = [head >> _WORD_BITS * place & 1023 for place in reversed(range(_HEAD_WORDS))]
    value = int.from_bytes(packed[6:], "big")  # 26 words: 256 bits, filled up with zeroes in front
    words += [value >> _WORD_BITS * place & 1023 for place in reversed(range(WORDS - _HEAD_WORDS - _CHECK_WORDS))]
    words += create_checksum(words, CUSTOMIZATION_STRING_EXTENDABLE)
    text = " ".join(WORDLIST[word] for word in words)
    _share(text, 1)
    return text


def head_of(packed: bytes) -> bytes:
    """Return the part of a packed slip that tells which key and which custodian it is of, and nothing of the key."""
    return packed[1:6]


def first_words(head: bytes) -> str:
    """Return the two words with which all slips of one key begin."""
    number = int.from_bytes(head, "big")
    return " ".join(WORDLIST[number >> _WORD_BITS * place & 1023] for place in (3, 2))


def _share(text: str, number: int) -> Share:
    """Return what a slip says; raise `SlipMisread` with the place where it is wrong."""
    words = [word for part in text.casefold().split() if (word := part.strip(_STRAY))]
    for place, word in enumerate(words, 1):
        if word not in WORD_INDEX_MAP:
            raise _unknown_word(number, place, word)
    if len(words) != WORDS:
        problem = "slip %(slip)d has more or fewer words than the 33 that a slip has"
        raise SlipMisread(problem, "count the words, and look for one that was left out or written twice", number)
    indices = [WORD_INDEX_MAP[word] for word in words]
    if not verify_checksum(indices, CUSTOMIZATION_STRING_EXTENDABLE):
        raise _wrong_word(number, indices)
    try:
        share = Share.from_mnemonic(" ".join(words))
    except MnemonicError as error:
        raise _not_ours(number) from error
    if (share.group_threshold, share.group_count) != (1, 1) or share.member_threshold < 2 or not share.extendable:
        raise _not_ours(number)
    return share


def _check_together(shares: Sequence[Share]) -> None:
    if len({share.group_parameters() for share in shares}) != 1:
        raise _apart()
    seen: dict[int, int] = {}
    for number, share in enumerate(shares, 1):
        if share.index in seen:
            if shares[seen[share.index] - 1].value != share.value:
                raise _apart()
            raise SlipTwice(
                "slips %(first)d and %(second)d are the same slip",
                "each custodian gives their own: ask for another one",
                first=seen[share.index],
                second=number,
            )
        seen[share.index] = number


def _joined(shares: Sequence[Share]) -> bytes:
    group = ShareGroup()
    for share in shares:
        group.add(share)
    try:
        hidden: EncryptedMasterSecret = recover_ems({0: group})
    except MnemonicError as error:
        raise _apart() from error
    return bytes(hidden.decrypt(b""))


def _too_few(missing: int) -> TooFewSlips:
    if missing == 1:
        return TooFewSlips("one more slip is needed", "ask another custodian for theirs", missing=1)
    return TooFewSlips("%(missing)d more slips are needed", "ask other custodians for theirs", missing=missing)


def _apart() -> SlipsApart:
    return SlipsApart(
        "these slips do not belong together",
        "check that all of them were made on the same day for the same thing: new slips end the old ones",
    )


def _not_ours(number: int) -> SlipMisread:
    return SlipMisread("slip %(slip)d is not one that Veil made", "look for the slip that came from Veil", number)


def _unknown_word(number: int, place: int, word: str) -> SlipMisread:
    problem = "word %(word)d of slip %(slip)d is not a word that slips are made of"
    begin = [known for known in WORDLIST if known[:4] == word[:4]]  # four letters tell every word from the others
    near = list(dict.fromkeys([*begin, *difflib.get_close_matches(word, WORDLIST, 3, 0.6)]))[:3]
    if near:
        return SlipMisread(problem, "did you mean one of these: %(near)s?", number, place, near)
    return SlipMisread(problem, "look at this word again: slips are in English, in Latin letters", number, place)


def _wrong_word(number: int, indices: Sequence[int]) -> SlipMisread:
    """Return what to say of 33 known words that do not fit each other: where one is wrong, if that can be told."""
    suspect = _suspect(indices)
    if suspect is None:
        problem = "the words of slip %(slip)d do not fit each other"
        return SlipMisread(problem, "compare all its words, and their order, with what was written down", number)
    if suspect.swapped_with:
        problem = "two words of slip %(slip)d seem to have changed places, one of them word %(word)d"
        return SlipMisread(problem, "compare the order of the words with what was written down", number, suspect.word)
    problem = "word %(word)d of slip %(slip)d is probably another one"
    return SlipMisread(problem, "compare this word with what was written down", number, suspect.word)


@dataclass(frozen=True)
class _Suspect:
    """One word that may be wrong, counted from 1; or two that may have changed places."""

    word: int
    swapped_with: int = 0


def _suspect(indices: Sequence[int]) -> _Suspect | None:
    """Return the only single mistake that explains a wrong checksum; the correction itself is not offered (SLIP-39).

    The checksum is linear over GF(2): a change of one word moves it by a sum of ten known vectors.
    """
    moves = _moves(indices)
    gap = _check_number(indices[:-_CHECK_WORDS]) ^ _number(indices[-_CHECK_WORDS:])
    found = [_Suspect(place + 1) for place, vectors in enumerate(moves) if _spanned(gap, vectors)]
    for first in range(WORDS):
        for second in range(first + 1, WORDS):
            change = indices[first] ^ indices[second]
            if change and _moved(moves[first], change) ^ _moved(moves[second], change) == gap:
                found.append(_Suspect(first + 1, second + 1))
    return found[0] if len(found) == 1 else None


def _moves(indices: Sequence[int]) -> list[list[int]]:
    """Return for each word how each of its bits moves the checksum."""
    data = list(indices[:-_CHECK_WORDS])
    base, moves = _check_number(data), []
    for place, word in enumerate(data):
        changed = ([*data[:place], word ^ 1 << bit, *data[place + 1 :]] for bit in range(_WORD_BITS))
        moves.append([_check_number(other) ^ base for other in changed])
    own = range(_CHECK_WORDS - 1, -1, -1)
    return moves + [[1 << _WORD_BITS * place + bit for bit in range(_WORD_BITS)] for place in own]


def _moved(vectors: Sequence[int], change: int) -> int:
    return reduce(xor, (vector for bit, vector in enumerate(vectors) if change >> bit & 1), 0)


def _spanned(target: int, vectors: Sequence[int]) -> bool:
    """Tell whether a sum of some of the vectors is the target."""
    basis: list[int] = []
    for vector in vectors:
        rest = reduce(lambda left, known: min(left, left ^ known), basis, vector)
        if rest:
            basis = sorted((*basis, rest), reverse=True)
    return reduce(lambda left, known: min(left, left ^ known), basis, target) == 0


def _check_number(data: Sequence[int]) -> int:
    return _number(create_checksum(data, CUSTOMIZATION_STRING_EXTENDABLE))


def _number(words: Sequence[int]) -> int:
    return reduce(lambda number, word: number << _WORD_BITS | word, words, 0)
