"""Sealed files: any `age` tool reads ours and we read theirs, strictly; nothing unproven comes out."""

import base64
import errno
import hashlib
import io
import os
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.vault.forge import CHUNK, FILE_KEY, Chunk, chunks_of, head, payload, raw64, x25519, x25519_body
from veil.errors import VeilError
from veil.vault.age import (
    AgeReader,
    Identity,
    NoKeyFits,
    NotAge,
    Passphrase,
    Recipient,
    Sealer,
    Spoiled,
    Wrapper,
    bech32,
    seal,
    sweep,
)

pyrage = pytest.importorskip("pyrage", reason="pyrage, the other implementation of age, is not installed")
OURS = Identity(hashlib.sha256(b"ours").digest())
THEIRS = Identity(hashlib.sha256(b"theirs").digest())
US = OURS.recipient
ELSEWHERE = (
    "YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IHNjcnlwdCBWR0RDb3pZOXZHdXR3TzU3cmxlcWd3IDE5ClhzS1Jsbzk4NTI1VUR3"
    "TzBEVmM5cThnN1lKUTJjd0JrL2FpbGxRYnhUOGMKLS0tICs4K1ZsdVVYTHBTYUJVQjJkU3FVcDZqL2NVT1Y2cFZkRnhPTWEv"
    "RVNPaWMKiyrm9U53d4PkUsCptt2R8C1VH7NRh61RmFMxAQcxqDvV7BpEmRKFcqNNVgwVg7t2qMGMKZaWJlBV"
)
BORDERS = [0, 1, 15, 16, 17, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK - 1, 2 * CHUNK, 2 * CHUNK + 1, 3 * CHUNK + 77]
LETTER = hashlib.shake_128(b"a letter").digest(2 * CHUNK + 999)  # three chunks


def noise(size: int) -> bytes:
    """Return bytes that look random, the same for the same length."""
    return hashlib.shake_128(str(size).encode()).digest(size)


def sealed_with(folder: Path, plain: bytes, *recipients: Recipient | Passphrase) -> bytes:
    """Return a file of ours."""
    seal(io.BytesIO(plain), folder / "file.age", recipients or (US,))
    return (folder / "file.age").read_bytes()


def opened(data: bytes, *keys: Identity | Passphrase) -> bytes:
    """Return all that the reader gives."""
    return AgeReader(io.BytesIO(data), keys or (OURS,)).read()


def their(identity: Identity) -> object:
    """Return a key of ours as pyrage has it."""
    return pyrage.x25519.Identity.from_str(identity.told())


@pytest.mark.parametrize("size", BORDERS)
def test_both_ways(size: int, tmp_path: Path) -> None:
    """A file of any length around the borders of chunks opens with pyrage, and pyrage's opens with us."""
    plain = noise(size)
    data = sealed_with(tmp_path, plain)
    assert pyrage.decrypt(data, [their(OURS)]) == plain
    assert opened(data) == plain
    assert opened(pyrage.encrypt(plain, [pyrage.x25519.Recipient.from_str(str(US))])) == plain


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 3), st.integers(-40, 40), st.integers(1, 200_000))
def test_both_ways_in_pieces(tmp_path_factory: pytest.TempPathFactory, chunks: int, more: int, step: int) -> None:
    """However the pieces are cut that are written, the file is the same to pyrage."""
    plain = noise(max(0, chunks * CHUNK + more))
    path = tmp_path_factory.mktemp("pieces") / "file.age"
    with Sealer(path, [US]) as sealer:
        for start in range(0, len(plain), step):
            assert sealer.write(memoryview(plain)[start : start + step]) == len(plain[start : start + step])
    assert pyrage.decrypt(path.read_bytes(), [their(OURS)]) == plain


def test_several_recipients(tmp_path: Path) -> None:
    """Each of those a file is sealed to opens it, and nobody else."""
    data = sealed_with(tmp_path, b"for two", US, THEIRS.recipient)
    assert opened(data) == opened(data, THEIRS) == opened(data, Identity.new(), THEIRS) == b"for two"
    assert pyrage.decrypt(data, [their(THEIRS)]) == b"for two"
    with pytest.raises(NoKeyFits):
        opened(data, Identity.new())
    with pytest.raises(NoKeyFits):
        AgeReader(io.BytesIO(data), [])


def test_passphrase(tmp_path: Path) -> None:
    """A passphrase opens what was sealed with it, here and in pyrage; another does not."""
    data = sealed_with(tmp_path, b"secret", Passphrase("трава у дома", 10))
    assert opened(data, Passphrase("трава у дома")) == pyrage.passphrase.decrypt(data, "трава у дома") == b"secret"
    with pytest.raises(NoKeyFits):
        opened(data, Passphrase("трава у дом"))
    with pytest.raises(NoKeyFits):
        opened(data, OURS)


def test_passphrase_of_pyrage() -> None:
    """A letter that pyrage 1.4.0 sealed with a passphrase (work 2^19, its own choice) opens with us."""
    assert opened(base64.b64decode(ELSEWHERE), Passphrase("words of another house")) == b"a letter sealed elsewhere"


def test_passphrase_stands_alone(tmp_path: Path) -> None:
    """A file is never sealed to a passphrase and to something else, nor to nobody."""
    wrong: list[list[Wrapper]] = [[Passphrase("a", 2), US], [Passphrase("a", 2), Passphrase("b", 2)], []]
    for recipients in wrong:
        with pytest.raises(ValueError, match="alone"):
            seal(io.BytesIO(b""), tmp_path / "file.age", recipients)
    assert not list(tmp_path.iterdir())


def test_keys_as_text() -> None:
    """Keys are written as the standard writes them (its example), and read back."""
    told = "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX"
    identity = Identity.parse(told)
    assert identity == Identity(b"B" * 32)
    assert identity.told() == told
    assert str(identity.recipient) == "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj"
    assert Recipient.parse(str(identity.recipient).upper()) == identity.recipient
    assert "B" not in repr(identity)
    assert told not in str(identity)


@pytest.mark.parametrize(
    "text",
    ["", "age1", "age", "1", "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujw",
     "Age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj",
     "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwb", "аge1zvkyg", bech32.encode("age", bytes(31)),
     bech32.encode("age", bytes(33)), bech32.encode("bc", bytes(32)), bech32.encode("age-secret-key-", bytes(32))],
)  # fmt: skip
def test_mistyped_keys(text: str) -> None:
    """A public key that is mistyped, cut or of another kind is refused in words that do not repeat it."""
    with pytest.raises(VeilError) as caught:
        Recipient.parse(text)
    assert not text or text not in str(caught.value)


@given(st.binary(max_size=80), st.sampled_from(["age", "age-secret-key-", "a1b"]))
def test_bech32_round_trip(data: bytes, kind: str) -> None:
    """Any bytes come back from their text; a text with one letter changed does not."""
    text = bech32.encode(kind, data)
    assert bech32.decode(text) == bech32.decode(text.upper()) == (kind, data)
    place = len(text) - 1 - sum(data) % (len(text) - len(kind) - 1)
    with pytest.raises(ValueError, match="letter"):
        bech32.decode(text[:place] + ("q" if text[place] != "q" else "p") + text[place + 1 :])


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


MOVES = st.lists(
    st.one_of(
        st.tuples(st.just("read"), st.integers(-1, 3 * CHUNK)),
        st.tuples(st.just("readinto"), st.integers(0, 2 * CHUNK)),
        st.tuples(st.sampled_from(["set", "cur", "end"]), st.integers(-3 * CHUNK, 3 * CHUNK)),
    ),
    max_size=25,
)


@settings(max_examples=80, deadline=None)
@given(MOVES)
def test_reads_like_an_open_file(moves: list[tuple[str, int]]) -> None:
    """Any reading and seeking gives what the same would give in the open file."""
    sealed, plain = AgeReader(io.BytesIO(WHOLE), [OURS], kept=2), io.BytesIO(LETTER)
    for move, number in moves:
        if move == "read":
            assert sealed.read(number) == plain.read(number)
        elif move == "readinto":
            mine, its = bytearray(number), bytearray(number)
            assert sealed.readinto(mine) == plain.readinto(its)
            assert mine == its
        else:
            whence = ("set", "cur", "end").index(move)
            if (0, plain.tell(), len(LETTER))[whence] + number >= 0:
                assert sealed.seek(number, whence) == plain.seek(number, whence)
        assert sealed.tell() == plain.tell()


def test_reader_is_a_stream() -> None:
    """The reader can be buffered, asked for its length, closed twice, and does not close a stream that it was given."""
    source = io.BytesIO(WHOLE)
    with AgeReader(source, [OURS]) as reader:
        assert reader.readable()
        assert reader.seekable()
        assert not reader.writable()
        assert reader.size == reader.seek(0, os.SEEK_END) == len(LETTER)
        reader.seek(0)
        buffered = io.BufferedReader(reader)
        assert buffered.read() == LETTER
        buffered.detach()
        with pytest.raises(ValueError, match="place"):
            reader.seek(-1)
    reader.close()
    with pytest.raises(ValueError, match="closed"):
        reader.read()
    assert not source.closed


def test_missing_and_unreadable(tmp_path: Path) -> None:
    """A file that is not there, is a folder, or cannot be sought gives a sentence."""
    for place in (tmp_path / "none", tmp_path):
        with pytest.raises(VeilError):
            AgeReader(place, [OURS])
        with pytest.raises(VeilError):
            seal(place, tmp_path / "out.age", [US])
    end, other = os.pipe()
    os.close(other)
    with os.fdopen(end, "rb") as pipe, pytest.raises(NotAge):
        AgeReader(pipe, [OURS])
    assert not list(tmp_path.iterdir())


def test_whole_or_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where sealing fails, the file that stood there before still stands, and nothing else is left."""
    target = tmp_path / "file.age"
    seal(io.BytesIO(b"before"), target, [US])
    with pytest.raises(ZeroDivisionError), Sealer(target, [US]) as sealer:
        sealer.write(bytes(LETTER[0] // 0))
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", _full)
        with pytest.raises(VeilError, match="disk is full"):
            seal(io.BytesIO(LETTER), target, [US])
    with pytest.raises(VeilError):
        seal(io.BytesIO(LETTER), tmp_path / "no folder" / "file.age", [US])
    assert list(tmp_path.iterdir()) == [target]
    assert opened(target.read_bytes()) == b"before"
    assert target.stat().st_mode & 0o077 == 0


def _full(_: int) -> None:
    raise OSError(errno.ENOSPC, "full")


def test_same_text_never_looks_the_same(tmp_path: Path) -> None:
    """Two files with the same text share neither file key, nonce nor a chunk."""
    first, second = sealed_with(tmp_path, LETTER), sealed_with(tmp_path, LETTER)
    assert len(first) == len(second)
    assert first[22:] != second[22:]
    assert not {first[-i - 64 : -i] for i in range(1, 900)} & {second[-i - 64 : -i] for i in range(1, 900)}
    assert LETTER[:32] not in first
    assert FILE_KEY not in first


class _Endless(io.RawIOBase):
    """Gives zeroes, so many in all."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.left = size

    def read(self, size: int = -1, /) -> bytes:
        taken = min(size, self.left)
        self.left -= taken
        return bytes(taken)


def test_constant_memory(tmp_path: Path) -> None:
    """A big file is sealed and read within a few chunks of memory, whatever its size."""
    path = tmp_path / "big.age"
    tracemalloc.start()
    try:
        seal(_Endless(40 << 20), path, [US])  # type: ignore[arg-type]
        with AgeReader(path, [OURS], kept=4) as reader:
            while reader.read(1 << 15):
                pass
            assert reader.tell() == 40 << 20
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 2 << 20


def test_key_of_a_compartment(tmp_path: Path) -> None:
    """A file sealed to a compartment opens with that compartment's key only, and names one recipient."""
    key = bytes(32)
    data = sealed_with(tmp_path, b"a film", Identity.of(key).recipient)
    assert opened(data, Identity.of(key)) == b"a film"
    assert data.count(b"-> ") == 1
    with pytest.raises(NoKeyFits):
        opened(data, Identity.of(b"\1" + key[1:]), Identity(key))


_AGAIN = """
import io, sys
from pathlib import Path
from veil.vault.age import Identity, seal
print("ready", flush=True)
while True:
    for letter in (b"a", b"b"):
        seal(io.BytesIO(letter * 3_000_000), Path(sys.argv[1]), [Identity(bytes(32)).recipient])
"""


def test_killed_while_sealing(tmp_path: Path) -> None:
    """However often the machine dies while a file is sealed anew, a whole one stands there; the rest is swept."""
    target = tmp_path / "film.age"
    keep = tmp_path / "notes.part"
    keep.touch()
    for wait_s in (0.005, 0.02, 0.013, 0.031, 0.042):
        with subprocess.Popen([sys.executable, "-c", _AGAIN, str(target)], stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            process.stdout.readline()
            while not target.exists():
                time.sleep(0.005)
            time.sleep(wait_s)
            process.kill()
        with AgeReader(target, [Identity(bytes(32))]) as reader:
            assert reader.read() in {b"a" * 3_000_000, b"b" * 3_000_000}
    left = len(list(tmp_path.iterdir())) - 2
    assert sweep(tmp_path) == left
    assert sorted(tmp_path.iterdir()) == [target, keep]
