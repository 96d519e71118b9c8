"""Keys as text: Bech32 (BIP 173) without its limit on length, as age writes keys."""

from itertools import chain

_LETTERS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_CHECK_LETTERS = 6


def encode(kind: str, data: bytes) -> str:
    """Return bytes as lower-case Bech32 under a kind such as "age"."""
    values = _regrouped(data, 8, 5, fill=True)
    check = _polymod([*_spread(kind), *values, *[0] * _CHECK_LETTERS]) ^ 1
    values += [check >> 5 * (_CHECK_LETTERS - 1 - i) & 31 for i in range(_CHECK_LETTERS)]
    return f"{kind}1" + "".join(_LETTERS[value] for value in values)


def decode(text: str) -> tuple[str, bytes]:
    """Return the kind (lower-case) and the bytes; raise ValueError unless the text is exactly what `encode` writes.

    All upper-case is the same text; mixed cases are refused.
    """
    if text not in (text.lower(), text.upper()) or not text.isascii():
        raise ValueError("mixed cases")
    kind, mark, letters = text.lower().rpartition("1")
    if not mark or not kind or len(letters) < _CHECK_LETTERS or any(not 33 <= ord(c) <= 126 for c in kind):
        raise ValueError("no kind, or no checksum")
    values = [_LETTERS.find(letter) for letter in letters]
    if min(values) < 0 or _polymod([*_spread(kind), *values]) != 1:
        raise ValueError("a letter is wrong")
    return kind, bytes(_regrouped(bytes(values[:-_CHECK_LETTERS]), 5, 8, fill=False))


def _spread(kind: str) -> list[int]:
    codes = kind.encode()
    return list(chain((code >> 5 for code in codes), (0,), (code & 31 for code in codes)))


def _polymod(values: list[int]) -> int:
    check = 1
    for value in values:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for bit, term in enumerate(_GENERATOR):
            if top >> bit & 1:
                check ^= term
    return check


def _regrouped(data: bytes, wide: int, narrow: int, *, fill: bool) -> list[int]:
    """Return groups of `wide` bits as groups of `narrow` bits; the bits left over are filled up, or must be 0."""
    number, bits, groups = 0, 0, []
    for value in data:
        number, bits = (number << wide | value) & 0xFFFF, bits + wide
        while bits >= narrow:
            bits -= narrow
            groups.append(number >> bits & (1 << narrow) - 1)
    rest = number & (1 << bits) - 1
    if fill and bits:
        groups.append(rest << narrow - bits)
    elif not fill and (rest or bits >= wide):
        raise ValueError("bits are left over")
    return groups
