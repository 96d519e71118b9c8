"""Sealed files are read strictly: what is not exactly as the format has it is refused; nothing unproven comes out."""

import io
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.vault.forge import CHUNK, Chunk, chunks_of, head, payload, raw64, x25519, x25519_body
from tests.vault.letters import LETTER, OURS, THEIRS, US, opened, pyrage, sealed_with, their
from veil.errors import VeilError
from veil.vault.age import (
    AgeReader,
    Passphrase,
    Spoiled,
)


def test_forge_is_right() -> None:
    """The forge of the tests, left alone, makes files that both open (else the next tests prove nothing)."""
    data = head(x25519(US.public)) + payload(chunks_of(LETTER))
    assert opened(data) == pyrage.decrypt(data, [their(OURS)]) == LETTER


def _bent(change: Callable[[bytes, bytes], bytes]) -> bytes:
    """Return a rightly signed file whose one stanza was made by `change(share, body)`."""
    return head(change(*x25519_body(US.public))) + payload(chunks_of(b"text"))


def _line(share: bytes, body: bytes) -> bytes:
    return b"-> X25519 " + raw64(share) + b"\n" + raw64(body) + b"\n"


def _loose(text: bytes) -> bytes:
    """Return Base64 with a bit set that no byte uses."""
    letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    return text[:-1] + letters[letters.index(text[-1:]) | 1 :][:1]


_GOOD, _PAY = x25519(US.public), payload(chunks_of(b"text"))
_SCRYPT = b"-> scrypt " + raw64(bytes(16)) + b" %s\n" + raw64(bytes(32)) + b"\n"
BAD_HEADS: dict[str, bytes] = {
    "nothing": b"",
    "some other file": b"\x7fELF" + bytes(100),
    "no end of the first line": b"age-encryption.org/v1",
    "another version": head(_GOOD, intro=b"age-encryption.org/v2\n") + _PAY,
    "carriage returns": head(_GOOD).replace(b"\n", b"\r\n") + _PAY,
    "text form": b"-----BEGIN AGE ENCRYPTED FILE-----\n",
    "no stanza": head(b"") + _PAY,
    "no end": b"age-encryption.org/v1\n" + _GOOD,
    "end without a signature": head(_GOOD, end=b"---\n") + _PAY,
    "signature cut": head(_GOOD)[:-2] + b"\n" + _PAY,
    "signature with padding": head(_GOOD)[:-1] + b"=\n" + _PAY,
    "signature not canonical": _loose(head(_GOOD)[:-1]) + b"\n" + _PAY,
    "space after the signature": head(_GOOD)[:-1] + b" \n" + _PAY,
    "two spaces before the signature": head(_GOOD).replace(b"--- ", b"---  ") + _PAY,
    "signed with another key": head(_GOOD, file_key=b"another key 16 b") + _PAY,
    "empty argument": _bent(lambda s, b: _line(s, b).replace(b"X25519 ", b"X25519  ")),
    "space after the arguments": _bent(lambda s, b: _line(s, b).replace(b"\n", b" \n", 1)),
    "no arguments": _bent(lambda s, b: b"->\n" + _line(s, b)),
    "letters that are no letters": _bent(lambda s, b: "-> тест\n\n".encode() + _line(s, b)),
    "too many arguments": _bent(lambda s, b: _line(s, b).replace(b"\n", b" more\n", 1)),
    "share missing": _bent(lambda _, b: b"-> X25519\n" + raw64(b) + b"\n"),
    "share short": _bent(lambda s, b: _line(s[:-1], b)),
    "share long": _bent(lambda s, b: _line(s + b"\0", b)),
    "share not canonical": _bent(lambda s, b: b"-> X25519 " + _loose(raw64(s)) + b"\n" + raw64(b) + b"\n"),
    "share of low order": _bent(lambda _, b: _line(bytes(32), b)),
    "share of low order (1)": _bent(lambda _, b: _line(b"\1" + bytes(31), b)),
    "wrapped key short": _bent(lambda s, b: _line(s, b[:-1])),
    "wrapped key long": head(x25519(US.public, bytes(17))) + _PAY,
    "wrapped key of 32 bytes": head(x25519(US.public, bytes(32))) + _PAY,
    "body not canonical": _bent(lambda s, b: b"-> X25519 " + raw64(s) + b"\n" + _loose(raw64(b)) + b"\n"),
    "body with padding": _bent(lambda s, b: b"-> X25519 " + raw64(s) + b"\n" + raw64(b) + b"=\n"),
    "body in short lines": _bent(lambda s, b: _line(s, b)[:-10] + b"\n" + _line(s, b)[-10:]),
    "body without its last line": head(b"-> grease\n" + b"A" * 64 + b"\n" + _GOOD) + _PAY,
    "body in a long line": head(b"-> grease\n" + b"A" * 68 + b"\n\n" + _GOOD) + _PAY,
    "no body": head(b"-> grease\n" + _GOOD) + _PAY,
    "passphrase beside a key": head(_SCRYPT % b"2" + _GOOD) + _PAY,
    "two passphrases": head(_SCRYPT % b"2" + _SCRYPT % b"2") + _PAY,
    "malformed passphrase for others": head(_SCRYPT % b"02") + _PAY,
    "too many stanzas": head(b"-> grease\n\n" * 1025 + _GOOD) + _PAY,
    "too long": head(b"-> grease " + b"x" * (1 << 18) + b"\n\n" + _GOOD) + _PAY,
    "never a line's end": b"age-encryption.org/v1\n-> " + b"x" * (1 << 19),
    "wrong kind of letters": _bent(lambda s, b: _line(s, b).replace(b"X25519", b"x25519")),
}

REASONS = {
    "signed with another key": "was changed",
    "share of low order": "changed or damaged",
    "share of low order (1)": "changed or damaged",
    "passphrase beside a key": "mixes",
    "two passphrases": "mixes",
    "wrong kind of letters": "no key",
}


@pytest.mark.parametrize("name", BAD_HEADS)
def test_bad_heads(name: str) -> None:
    """A header that is not exactly as the format has it is refused for that, even where its signature is right."""
    with pytest.raises(VeilError, match=REASONS.get(name, "age format")):
        opened(BAD_HEADS[name])


@pytest.mark.parametrize(
    "work", [b"0", b"-1", b"+2", b"02", b"0x2", b"a", b"", b"21", b"23", b"99999999999", "٢".encode()]
)
def test_bad_work(work: bytes) -> None:
    """A work factor is a plain number within what this machine should give; asked for before any memory is taken."""
    with pytest.raises(VeilError):
        opened(head(_SCRYPT % work) + _PAY, Passphrase("words"))


def test_strangers_stanzas_are_passed_over() -> None:
    """Locks of kinds that Veil does not know do not keep our key from opening the file."""
    grease = b"-> x.example/grease !~ 1\n" + b"A" * 64 + b"\n\n" + b"-> y\n\n"
    data = head(grease + x25519(THEIRS.recipient.public) + _GOOD + grease) + _PAY
    assert opened(data) == pyrage.decrypt(data, [their(OURS)]) == b"text"


_FULL = [Chunk(LETTER[:CHUNK], 0, last=False), Chunk(LETTER[CHUNK : 2 * CHUNK], 1, last=False)]
_LAST = Chunk(LETTER[2 * CHUNK :], 2, last=True)
BAD_PAYLOADS: dict[str, bytes] = {
    "no payload": b"",
    "nonce cut": bytes(15),
    "nonce only": bytes(16),
    "less than a tag": payload([])[:16] + bytes(15),
    "last chunk missing": payload(_FULL),
    "last chunk not marked": payload([*_FULL, Chunk(_LAST.plain, 2, last=False)]),
    "last chunk empty": payload([*_FULL, Chunk(b"", 2, last=True)]),
    "two last chunks": payload([*_FULL, _LAST, Chunk(b"more", 3, last=True)]),
    "marked as last too early": payload([_FULL[0], Chunk(_FULL[1].plain, 1, last=True), _LAST]),
    "a chunk twice": payload([_FULL[0], *_FULL, _LAST]),
    "a chunk left out": payload([_FULL[0], _LAST]),
    "wrong order": payload([_FULL[1], _FULL[0], _LAST]),
    "a short chunk in the middle": payload([_FULL[0], Chunk(b"short", 1, last=False), _LAST]),
    "a chunk too long": payload([Chunk(LETTER[: CHUNK + 1], 0, last=True)]),
    "a byte added": payload([*_FULL, _LAST]) + b"\0",
    "a tag's length added": payload([*_FULL, _LAST]) + bytes(16),
    "of another file": payload([*_FULL, _LAST], b"another key 16 b"),
    "only an empty chunk, not marked": payload([Chunk(b"", 0, last=False)]),
}


@pytest.mark.parametrize("name", BAD_PAYLOADS)
def test_bad_payloads(name: str) -> None:
    """Chunks that are missing, moved, doubled, unmarked or cut are refused."""
    with pytest.raises(Spoiled):
        opened(head(x25519(US.public)) + BAD_PAYLOADS[name])


WHOLE = head(x25519(US.public)) + payload(chunks_of(LETTER))
GIVEN = st.sampled_from(["flip", "cut", "drop", "double", "swap"])


@settings(max_examples=250, deadline=None)
@given(GIVEN, st.integers(0, len(WHOLE) - 1), st.integers(0, len(WHOLE) - 1), st.integers(1, 255))
def test_any_damage_is_refused(kind: str, at: int, other: int, mask: int) -> None:
    """A byte changed, cut, dropped, doubled or swapped anywhere: refused, and what was given before is true."""
    data = bytearray(WHOLE)
    if kind == "flip":
        data[at] ^= mask
    elif kind == "cut":
        del data[at:]
    elif kind == "drop":
        del data[at : at + 1 + mask]
    elif kind == "double":
        data[at:at] = data[at : at + mask]
    elif data[at] != data[other]:
        data[at], data[other] = data[other], data[at]
    else:
        data[at] ^= mask
    given: list[bytes] = []
    with pytest.raises(VeilError):
        given.extend(iter(partial(AgeReader(io.BytesIO(data), [OURS]).read, 10_000), b""))
    assert LETTER.startswith(b"".join(given))


def test_every_bit_counts(tmp_path: Path) -> None:
    """In a small file each single bit, changed, is noticed; so is each shorter file, and a byte more."""
    data = sealed_with(tmp_path, b"text")
    wrong = [data[:at] + bytes([data[at] ^ 1 << bit]) + data[at + 1 :] for at in range(len(data)) for bit in range(8)]
    wrong += [data[:at] for at in range(len(data))] + [data + bytes([more]) for more in (0, 10, 255)]
    for each in wrong:
        with pytest.raises(VeilError):
            opened(each)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300), st.sampled_from([b"", WHOLE[:30], head(_GOOD)]))
def test_any_bytes_are_refused(noise: bytes, begin: bytes) -> None:
    """Whatever the bytes, the answer is a sentence, not a crash."""
    with pytest.raises(VeilError):
        opened(begin + noise)
