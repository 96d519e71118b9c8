"""The head of an age file: read strictly, written canonically; it carries the file key once per recipient."""

import base64
import binascii
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import BinaryIO

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from veil.vault.age.refusals import NotAge, Spoiled

FILE_KEY_BYTES = 16
HEADER_LIMIT, STANZA_LIMIT = 1 << 18, 1024  # bytes and recipients: more is not a file of ours or of anyone's
_INTRO = b"age-encryption.org/v1\n"
_MARK, _END = b"-> ", b"---"
_COLUMNS = 64
_ARGUMENTS = re.compile(rb"[\x21-\x7e]+(?: [\x21-\x7e]+)*")
_BASE64 = re.compile(rb"[A-Za-z0-9+/]*")
_BLOCK = 4096


@dataclass(frozen=True)
class Stanza:
    """The file key, wrapped for one recipient: what kind of lock, its arguments, and the wrapped key."""

    arguments: tuple[str, ...]
    body: bytes

    @property
    def kind(self) -> str:
        """The kind of lock, such as "X25519"."""
        return self.arguments[0]

    def packed(self) -> bytes:
        """Return the stanza as it stands in a file."""
        body = base64_of(self.body).encode()
        lines = [body[i : i + _COLUMNS] for i in range(0, len(body) + 1, _COLUMNS)]  # the last is short, or empty
        return _MARK + " ".join(self.arguments).encode() + b"\n" + b"".join(line + b"\n" for line in lines)


@dataclass(frozen=True)
class Header:
    """What stands before the payload."""

    stanzas: tuple[Stanza, ...]
    signed: bytes  # up to and including "---"
    mac: bytes
    size: int  # bytes

    def check(self, file_key: bytes) -> None:
        """Raise `Spoiled` unless this file key signed this header."""
        if not hmac.compare_digest(_mac(file_key, self.signed), self.mac):
            raise Spoiled("the head of the sealed file was changed")


def write_header(file_key: bytes, stanzas: Sequence[Stanza]) -> bytes:
    """Return the whole header of a file with this key."""
    signed = _INTRO + b"".join(stanza.packed() for stanza in stanzas) + _END
    return signed + b" " + base64_of(_mac(file_key, signed)).encode() + b"\n"


def read_header(source: BinaryIO) -> Header:
    """Read a header from where the source stands; raise `NotAge` or `Spoiled`. It may read beyond the header's end."""
    lines = _Lines(source)
    first = lines.next()
    if first + b"\n" != _INTRO:
        raise _stranger(first)
    stanzas: list[Stanza] = []
    while (line := lines.next()).startswith(_MARK):
        if not _ARGUMENTS.fullmatch(line, len(_MARK)) or len(stanzas) == STANZA_LIMIT:
            raise _bad()
        stanzas.append(Stanza(tuple(line[len(_MARK) :].decode("ascii").split(" ")), lines.body()))
    if not line.startswith(_END + b" ") or not stanzas:
        raise _bad()
    try:
        mac = bytes_of(line[len(_END) + 1 :].decode("ascii"))
    except ValueError as error:
        raise _bad() from error
    if len(mac) != sha256().digest_size:
        raise _bad()
    signed = bytes(lines.read[: lines.at - len(line) - 1 + len(_END)])
    return Header(tuple(stanzas), signed, mac, lines.at)


def base64_of(data: bytes) -> str:
    """Return bytes as Base64 without padding (RFC 4648, 4)."""
    return base64.b64encode(data).decode().rstrip("=")


def bytes_of(text: str) -> bytes:
    """Return what canonical Base64 without padding says; raise ValueError for any other writing of it."""
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except binascii.Error as error:
        raise ValueError("not Base64") from error
    if base64_of(data) != text:
        raise ValueError("not canonical")
    return data


def derive(secret: bytes, salt: bytes, purpose: bytes) -> bytes:
    """Return 32 bytes by HKDF-SHA-256 (RFC 5869)."""
    return HKDF(SHA256(), 32, salt or None, purpose).derive(secret)


def _mac(file_key: bytes, signed: bytes) -> bytes:
    return hmac.digest(derive(file_key, b"", b"header"), signed, "sha256")


def _bad() -> Spoiled:
    return Spoiled("the head of the sealed file is not as the age format has it")


def _stranger(first: bytes) -> NotAge:
    if first.startswith(b"-----BEGIN AGE"):
        return NotAge(
            "the file is sealed in the text form of the age format", "turn it into the binary form with `age`"
        )
    if first.startswith(b"age-encryption.org/"):
        return NotAge("the file is sealed in another version of the age format", "open it with a newer `age`")
    return NotAge()


class _Lines:
    """Lines of a header, each ended by LF, within the limit."""

    def __init__(self, source: BinaryIO) -> None:
        self.read = bytearray()
        self.at = 0  # where the next line begins
        self._source = source

    def next(self) -> bytes:
        """Return the next line without its end; raise `NotAge` or `Spoiled` where there is none."""
        while (end := self.read.find(b"\n", self.at)) < 0:
            block = self._source.read(_BLOCK) if len(self.read) < HEADER_LIMIT else b""
            if not block:
                raise _bad() if self.at else _stranger(bytes(self.read[:64]))
            self.read += block
        line, self.at = bytes(self.read[self.at : end]), end + 1
        return line

    def body(self) -> bytes:
        """Return what a stanza's body says: full lines of 64 columns, then a shorter one."""
        text = b""
        while True:
            line = self.next()
            if len(line) > _COLUMNS or not _BASE64.fullmatch(line):
                raise _bad()
            text += line
            if len(line) < _COLUMNS:
                break
        try:
            return bytes_of(text.decode("ascii"))
        except ValueError as error:
            raise _bad() from error
