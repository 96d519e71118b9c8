"""Content Credentials (C2PA): a signed note inside a film file, saying what was done to it and never by whom.

The library is asked for nothing but that: no clock of others (a time stamp tells when and where from), no look-up of
certificates, no previews, no note of the film that it was made from.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from veil import __version__
from veil.errors import VeilError

SIGNED = {".mp4": "video/mp4", ".mov": "video/quicktime"}
"""The kinds of film that can hold them."""
COMPOSITE = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeSynthetic"
"""IPTC's word for a picture of which a part is synthetic."""
_QUIET = {
    "verify": {"remote_manifest_fetch": False, "ocsp_fetch": False, "verify_after_sign": True},
    "builder": {"thumbnail": {"enabled": False}},
}
_KEY_HINT = "give a private key in PEM without a password: EC (P-256, P-384, P-521), RSA or Ed25519"


@dataclass(frozen=True)
class Deed:
    """One thing that was done to the film: an action of the C2PA specification, and words for it."""

    action: str  # "c2pa.created" first, then others
    said: str
    synthetic: bool = True  # what was done put something in the picture that no camera saw


def available() -> bool:
    """Tell whether the library that signs is installed."""
    try:
        import c2pa  # noqa: F401
    except ImportError:
        return False
    return True


def sign(film: Path, deeds: Sequence[Deed], key: Path, certificate: Path, out: Path) -> None:
    """Write a copy of `film` with Content Credentials to `out`, which must not be there.

    `key` is a private key and `certificate` its chain, the signer's first, both PEM. Raises VeilError when the library
    is missing, key and certificate cannot be used, or the film cannot hold credentials.
    """
    kind = SIGNED.get(film.suffix.lower())
    if kind is None:
        raise VeilError("this kind of film cannot hold Content Credentials", "make the result an .mp4 or .mov")
    if not available():
        raise VeilError("what signs Content Credentials is not installed", "run `pip install 'veil[credentials]'`")
    import c2pa

    chain = _read(certificate, "certificate")
    secret, algorithm = _private(_read(key, "private key"))
    made = False
    try:
        signer = c2pa.Signer.from_info(c2pa.C2paSignerInfo(algorithm, chain.encode(), secret, None))
        context = c2pa.Context(c2pa.Settings.from_dict(_QUIET))
        with c2pa.Builder(_manifest(deeds), context) as builder, film.open("rb") as source, out.open("x+b") as target:
            builder.sign(signer, kind, source, target)
        made = True
    except c2pa.C2paError as error:
        raise VeilError(
            "the film could not be signed with this key and certificate",
            "the certificate must belong to the key, be valid today, and name its issuer's chain "
            "(key usage: digital signature; extended: e-mail protection or document signing)",
        ) from error
    except OSError as error:
        raise VeilError("the signed film cannot be written", "choose another name or place with -o") from error
    finally:
        if not made:
            out.unlink(missing_ok=True)


def credentials_of(film: Path) -> dict[str, Any] | None:
    """Return the active manifest of a film as the library reads it; None where there is none or it is broken."""
    import c2pa

    kind = next((SIGNED[s.lower()] for s in reversed(film.suffixes) if s.lower() in SIGNED), SIGNED[".mp4"])
    try:
        with film.open("rb") as source, c2pa.Reader(kind, source, context=_context(c2pa)) as reader:
            told = json.loads(reader.json())
    except c2pa.C2paError:
        return None
    if told.get("validation_state") not in {"Valid", "Trusted"}:
        return None
    manifest: dict[str, Any] = told["manifests"][told["active_manifest"]]
    return manifest


def _context(c2pa: Any) -> Any:
    return c2pa.Context(c2pa.Settings.from_dict(_QUIET))


def _manifest(deeds: Sequence[Deed]) -> dict[str, Any]:
    """Return what is signed: no title, no ingredient, no date, no name but Veil's own."""
    actions = [
        {"action": d.action, "description": d.said, **({"digitalSourceType": COMPOSITE} if d.synthetic else {})}
        for d in deeds
    ]
    return {
        "claim_generator_info": [{"name": "Veil", "version": __version__}],
        "assertions": [{"label": "c2pa.actions.v2", "created": True, "data": {"actions": actions}}],
    }


def _read(path: Path, what: str) -> str:
    try:
        text = path.read_text("ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise VeilError(f"the {what} cannot be read", "give the path of a PEM file") from error
    if "-----BEGIN" not in text:
        raise VeilError(f"the {what} is not PEM", "give the path of a PEM file")
    return text


def _private(pem: str) -> tuple[bytes, bytes]:
    """Return a private key as the library wants it (PKCS #8), and the name of its algorithm."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

    try:
        key = serialization.load_pem_private_key(pem.encode(), None)
    except (TypeError, ValueError, UnsupportedAlgorithm) as error:
        raise VeilError("the private key cannot be used", _KEY_HINT) from error
    match key:
        case ec.EllipticCurvePrivateKey() if key.curve.key_size in _CURVES:
            algorithm = _CURVES[key.curve.key_size]
        case rsa.RSAPrivateKey():
            algorithm = "ps256"
        case ed25519.Ed25519PrivateKey():
            algorithm = "ed25519"
        case _:
            raise VeilError("the private key is of a kind that cannot sign films", _KEY_HINT)
    form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return key.private_bytes(*form), algorithm.encode()


_CURVES = {256: "es256", 384: "es384", 521: "es512"}
