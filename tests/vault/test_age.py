"""Sealed files: any `age` tool reads ours and we read theirs; keys as text; the reader is like an open file."""

import base64
import io
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.vault.forge import CHUNK, chunks_of, head, payload, x25519
from tests.vault.letters import BORDERS, LETTER, OURS, THEIRS, US, noise, opened, pyrage, sealed_with, their
from veil.errors import VeilError
from veil.vault.age import (
    AgeReader,
    Identity,
    NoKeyFits,
    Passphrase,
    Recipient,
    Sealer,
    Wrapper,
    bech32,
    seal,
)

ELSEWHERE = (
    "YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IHNjcnlwdCBWR0RDb3pZOXZHdXR3TzU3cmxlcWd3IDE5ClhzS1Jsbzk4NTI1VUR3"
    "TzBEVmM5cThnN1lKUTJjd0JrL2FpbGxRYnhUOGMKLS0tICs4K1ZsdVVYTHBTYUJVQjJkU3FVcDZqL2NVT1Y2cFZkRnhPTWEv"
    "RVNPaWMKiyrm9U53d4PkUsCptt2R8C1VH7NRh61RmFMxAQcxqDvV7BpEmRKFcqNNVgwVg7t2qMGMKZaWJlBV"
)


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


WHOLE = head(x25519(US.public)) + payload(chunks_of(LETTER))
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
