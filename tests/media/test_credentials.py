"""Content Credentials say that people are disguised, signed with the user's own key, and nothing of the original."""

import datetime as dt
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests import faces
from tests.films import Recipe, make
from veil.cli import run
from veil.desk import Desk
from veil.errors import VeilError
from veil.media import probe, read
from veil.media.audit import attack_on_file, audit, compare
from veil.media.boxes import _makers_own
from veil.media.credentials import Deed, available, credentials_of, sign

C2PA = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")
DEEDS = (Deed("c2pa.created", "people in this film are digitally disguised"), Deed("c2pa.edited", "other faces"))
signing = pytest.mark.skipif(not available(), reason="c2pa-python is not installed: pip install 'veil[credentials]'")


def _keys() -> dict[str, Callable[[], Any]]:
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

    return {
        "P-256": lambda: ec.generate_private_key(ec.SECP256R1()),
        "P-384": lambda: ec.generate_private_key(ec.SECP384R1()),
        "Ed25519": ed25519.Ed25519PrivateKey.generate,
        "RSA": lambda: rsa.generate_private_key(65537, 2048),
    }


def _certificate(name: str, key: Any, issuer: tuple[str, Any], *, authority: bool, days: int = 30) -> str:
    """Return a certificate that a throwaway authority issued, PEM."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

    def named(words: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(kind, words) for kind in (NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME)])

    first = dt.datetime.now(dt.UTC) - dt.timedelta(days=40)
    usage = {
        "digital_signature": not authority, "content_commitment": False, "key_encipherment": False,
        "data_encipherment": False, "key_agreement": False, "key_cert_sign": authority, "crl_sign": authority,
        "encipher_only": False, "decipher_only": False,
    }  # fmt: skip
    made = (
        x509.CertificateBuilder()
        .subject_name(named(name))
        .issuer_name(named(issuer[0]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(first)
        .not_valid_after(first + dt.timedelta(days=40 + days))
        .add_extension(x509.BasicConstraints(authority, None), critical=True)
        .add_extension(x509.KeyUsage(**usage), critical=True)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer[1].public_key()), critical=False)
    )
    if not authority:
        made = made.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
    signed: bytes = made.sign(issuer[1], hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    return signed.decode()


def _pen(folder: Path, kind: str = "P-256", days: int = 30, password: bytes | None = None) -> tuple[Path, Path]:
    """Write a private key and its chain of certificates."""
    from cryptography.hazmat.primitives import serialization as forms

    key, authority = _keys()[kind](), _keys()["P-256"]()
    issuer = ("A throwaway authority", authority)
    chain = _certificate("A throwaway signer", key, issuer, authority=False, days=days)
    chain += _certificate(*issuer, issuer, authority=True)
    lock = forms.BestAvailableEncryption(password) if password else forms.NoEncryption()
    folder.mkdir(exist_ok=True)
    (folder / "chain.pem").write_text(chain)
    secret = key.private_bytes(forms.Encoding.PEM, forms.PrivateFormat.PKCS8, lock)
    (folder / "key.pem").write_bytes(secret)
    return folder / "key.pem", folder / "chain.pem"


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Desk, Path]:
    """Return a film that was disguised, and its result."""
    folder = tmp_path_factory.mktemp("film")
    desk = Desk(faces.film(folder / "Testimony4711.mp4", faces.speaking(8, double="ada")))
    desk.disguise(folder / "result.mp4")
    return desk, folder / "result.mp4"


@signing
def test_a_signed_copy(finished: tuple[Desk, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The copy says what was done, bears the signer's name and the same pictures; the user is warned of the name."""
    desk, result = finished
    key, chain = _pen(tmp_path / "pen")
    out = tmp_path / "signed.mp4"
    words = ["credentials", str(desk.folder.path), str(result), "--key", str(key), "--certificate", str(chain)]
    assert run([*words, "-o", str(out)]) == 0
    said = capsys.readouterr()
    assert "warning: a certificate names its owner" in said.err
    assert "people in this film are digitally disguised" in said.out
    told = credentials_of(out)
    assert told is not None
    (actions,) = [a["data"]["actions"] for a in told["assertions"] if a["label"] == "c2pa.actions.v2"]
    assert [a["action"] for a in actions] == ["c2pa.created", "c2pa.edited"]
    assert actions[0]["digitalSourceType"].endswith("/compositeSynthetic")
    with read(probe(result)) as one, read(probe(out)) as other:
        for a, b in zip(one, other, strict=True):
            assert a.at == b.at
            assert np.array_equal(a.picture.y, b.picture.y)
    assert run([*words, "-o", str(out)]) == 1, "what is there was written over"


@signing
def test_it_tells_nothing_else(finished: tuple[Desk, Path], tmp_path: Path) -> None:
    """No ingredient, preview, title, date, name, hash or label of the original, the witness or the crew is in it."""
    desk, result = finished
    desk.credentials(result, *_pen(tmp_path / "pen"), tmp_path / "signed.mp4")
    told = credentials_of(tmp_path / "signed.mp4")
    assert told is not None
    of_the_library = {"claim_generator_info", "instance_id", "signature_info", "label", "claim_version"}
    assert set(told) == {"assertions", *of_the_library}
    assert {a["label"] for a in told["assertions"]} == {"c2pa.actions.v2", "c2pa.hash.bmff.v3"}
    (actions,) = [a["data"]["actions"] for a in told["assertions"] if a["label"] == "c2pa.actions.v2"]
    assert all(set(a) <= {"action", "description", "digitalSourceType"} for a in actions)
    data = (tmp_path / "signed.mp4").read_bytes()
    fingerprint = probe(desk.film).fingerprint
    # the label as a field would hold it: two letters alone stand in one signature of two hundred
    label = (b"bP1", b'"P1"', b" P1 ")
    for private in (b"Testimony4711", b"result.mp4", *label, fingerprint.encode(), bytes.fromhex(fingerprint)):
        assert private not in data[data.index(C2PA) :][:20_000]
    assert "P1" not in json.dumps(actions)
    assert "time" not in json.dumps(told["signature_info"])


@signing
def test_the_audit_knows_them(finished: tuple[Desk, Path], tmp_path: Path) -> None:
    """The attack on the file stays content with a signed copy, and says what a certificate tells."""
    desk, result = finished
    desk.credentials(result, *_pen(tmp_path / "pen"), tmp_path / "signed.mp4")
    assert "Content Credentials" in {found.kind for found in audit(tmp_path / "signed.mp4")}
    attack = attack_on_file(compare(desk.film, tmp_path / "signed.mp4"))
    assert attack.verdict == "safe"
    assert "name the owner of the certificate" in attack.said


@pytest.mark.parametrize("word", [b"c2pa.ingredient", b"c2pa.thumbnail.claim", b"stds.exif", b"sigTst"])
def test_credentials_of_others_are_not_trusted(word: bytes) -> None:
    """Credentials that hold a source, a preview, camera data or a time stamp count as unknown, and give away."""
    assert _makers_own(C2PA + b" c2pa.actions.v2 ", 40) == ("Content Credentials", "form")
    assert _makers_own(C2PA + b" c2pa.actions.v2 " + word, 60)[1] == "unknown"
    assert _makers_own(C2PA + b" c2pa.actions.v2 ", 1 << 20)[1] == "unknown", "nobody looked at the rest"


@signing
def test_only_what_was_found_safe_is_signed(finished: tuple[Desk, Path], tmp_path: Path) -> None:
    """Another file, and the result once it was changed, are refused; nothing is written."""
    desk, result = finished
    pen = _pen(tmp_path / "pen")
    changed = tmp_path / "changed.mp4"
    changed.write_bytes(result.read_bytes() + b"\0")
    for wrong in (changed, desk.film, tmp_path / "nothing.mp4"):
        with pytest.raises(VeilError, match="found safe"):
            desk.credentials(wrong, *pen, tmp_path / "signed.mp4")
    assert not list(tmp_path.glob("signed*"))


@signing
@pytest.mark.parametrize("kind", ["P-256", "P-384", "Ed25519", "RSA"])
@pytest.mark.parametrize("form", ["mp4", "mov"])
def test_every_kind_of_key(kind: str, form: str, tmp_path: Path) -> None:
    """The usual kinds of keys sign, in both kinds of film that can hold credentials."""
    film = make(tmp_path / f"film.{form}", Recipe(frames=3))
    out = tmp_path / f"out.{form}"
    sign(film, DEEDS, *_pen(tmp_path / "pen", kind), out)
    assert credentials_of(out) is not None
    assert credentials_of(film) is None


@signing
@pytest.mark.parametrize("how", ["password", "over", "another's", "no key", "no pem", "no file", "mkv"])
def test_what_cannot_sign(how: str, tmp_path: Path) -> None:
    """A locked or wrong key, a certificate that is over, or a film that cannot hold them: a sentence, and no file."""
    film = make(tmp_path / ("film.mkv" if how == "mkv" else "film.mp4"), Recipe(frames=3))
    password, days = (b"secret" if how == "password" else None), (-5 if how == "over" else 30)
    key, chain = _pen(tmp_path / "pen", days=days, password=password)
    if how == "another's":
        key = _pen(tmp_path / "other")[0]
    elif how == "no key":
        key = chain
    elif how == "no pem":
        key.write_text("secret")
    elif how == "no file":
        key.unlink()
    with pytest.raises(VeilError) as caught:
        sign(film, DEEDS, key, chain, tmp_path / "out.mp4")
    assert caught.value.hint
    assert not (tmp_path / "out.mp4").exists()


def test_without_the_library(finished: tuple[Desk, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it is not installed, that is said, with the way to install it; all else works without it."""
    desk, result = finished
    monkeypatch.setitem(sys.modules, "c2pa", None)
    (tmp_path / "any.pem").write_text("-----BEGIN ...")
    with pytest.raises(VeilError, match="not installed") as caught:
        desk.credentials(result, tmp_path / "any.pem", tmp_path / "any.pem", tmp_path / "out.mp4")
    assert "veil[credentials]" in caught.value.hint


@signing
def test_the_library_opens_no_socket(tmp_path: Path) -> None:
    """Signing and reading, seen from the operating system, make not one call to the network."""
    film = make(tmp_path / "film.mp4", Recipe(frames=3))
    key, chain = _pen(tmp_path / "pen")
    script = (
        "from pathlib import Path\nfrom veil.media.credentials import Deed, credentials_of, sign\n"
        f"sign(Path({str(film)!r}), [Deed('c2pa.created', 'x')], Path({str(key)!r}), Path({str(chain)!r}), "
        f"Path({str(tmp_path / 'out.mp4')!r}))\n"
        f"print(credentials_of(Path({str(tmp_path / 'out.mp4')!r})) is not None)\n"
    )
    words = ["strace", "-f", "-qq", "-e", "trace=network", "-o", str(tmp_path / "calls"), sys.executable, "-c", script]
    try:
        done = subprocess.run(words, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        pytest.skip("strace is not here to look")
    if "ptrace" in done.stderr.lower():
        pytest.skip("strace may not look here")
    assert done.stdout.strip() == "True", done.stderr
    assert "AF_INET" not in (tmp_path / "calls").read_text()
