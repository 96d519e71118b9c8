"""Puts the reader of sealed files through the published test vectors of age (CCTV, C2SP).

The vectors (0BSD, CC0 or Unlicense) are not kept here: `npm pack cctv-age@0.2.0` gives them. Run by hand, after a
change in `veil/vault/age`:

    python tools/age_vectors.py cctv-age-0.2.0.tgz
"""

import base64
import hashlib
import io
import re
import sys
import tarfile
import zlib
from collections import Counter, defaultdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from veil.errors import VeilError
from veil.vault.age import AgeReader, Identity, Passphrase

_VECTOR = re.compile(r'(\w+)_default = __toBinary\("([^"]+)"\)')
_NOT_OURS = ("armored", "hybrid")  # the text form, and keys against quantum computers: refused in words, never opened


def vectors(archive: Path):
    """Yield the name, what is told of it, and the file, of every vector."""
    with tarfile.open(archive) as opened:
        script = opened.extractfile("package/index.js").read().decode()
    for name, data in _VECTOR.findall(script):
        head, _, file = base64.b64decode(data).partition(b"\n\n")
        told = defaultdict(list)
        for line in head.decode().splitlines():
            key, _, value = line.partition(": ")
            told[key].append(value)
        yield name, told, zlib.decompress(file) if told["compressed"] else file


def tried(told, file):
    """Return how reading went ("success" or why not) and all bytes that were given out on the way."""
    given = b""
    try:
        keys = [Passphrase(words) for words in told["passphrase"]]
        keys += [Identity.parse(text) for text in told["identity"] if "-PQ-" not in text]
        reader = AgeReader(io.BytesIO(file), keys)
        while piece := reader.read(1 << 16):
            given += piece
    except VeilError as refused:
        return f"{type(refused).__name__}: {refused}", given
    return "success", given


def wrong(name, told, how, given):
    """Tell whether a vector went otherwise than it should; bytes given before a refusal must be true ones."""
    if told["armored"] or name.startswith(_NOT_OURS):
        return how == "success"
    if (told["expect"] == ["success"]) != (how == "success"):
        return True
    right = hashlib.sha256(given).hexdigest() in told["payload"]
    # the reader may give less than the vector has before it refuses, but only whole, proven chunks
    return not right and (how == "success" or len(given) % (1 << 16) != 0)


def main():
    """Print what went wrong, and how many vectors there were of each kind."""
    counts, failures = Counter(), 0
    for name, told, file in vectors(Path(sys.argv[1])):
        how, given = tried(told, file)
        counts["armored or hybrid" if told["armored"] or name.startswith(_NOT_OURS) else told["expect"][0]] += 1
        if wrong(name, told, how, given):
            failures += 1
            print(f"! {name}: expected {told['expect'][0]}, got {how}, {len(given)} bytes")
    print(*(f"{number:4} {kind}" for kind, number in sorted(counts.items())), sep="\n")
    print(f"{failures} of {counts.total()} went otherwise than they should")
    sys.exit(bool(failures))


if __name__ == "__main__":
    main()
