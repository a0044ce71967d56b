"""Signing PDFs in the charity's name: whoever opens one sees who made it, and that nobody has changed it since.

The key and its certificate are one PKCS#12 file, which all processes read. Outside production it is made when it is
first needed; production is given one by SIGNING_KEY, and signs nothing without.
"""

import os
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    pkcs12,
)

from .clock import now

KEY_BITS = 3072  # for longer than a letter is shown to anyone: NIST SP 800-57 has it good beyond 2030
VALID_FOR = timedelta(days=3653)
LONGEST_NAME = 64  # of a common name: RFC 5280, appendix A.1


class NoKey(RuntimeError):
    """Raised for a file that holds no key and certificate, or none that this password opens."""


@dataclass(frozen=True)
class SigningKey:
    """Where the key and its certificate are kept, and what opens the file ("" when nothing is needed)."""

    path: Path
    password: str = ""


def make(key: SigningKey, charity: str) -> None:
    """Make a key and a certificate that it signs itself, in a charity's name. Raises FileExistsError if there is one.

    Of several processes at once one makes it, and no other ever reads half a file.
    """
    key.path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=key.path.parent)  # readable by nobody else
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(_new(charity, key.password, now()))
        os.link(name, key.path)
    finally:
        os.unlink(name)


def make_once(key: SigningKey, charity: str) -> SigningKey:
    """Return the key, made if it is not there yet."""
    if not key.path.exists():
        with suppress(FileExistsError):  # another process was first
            make(key, charity)
    return key


def certificate(key: SigningKey) -> x509.Certificate:
    """Return the certificate that a key's signatures carry. Raises NoKey."""
    return _read(key)[1]


def fingerprint(key: SigningKey) -> str:
    """Return the SHA-256 of a key's certificate as readers of PDFs show it: "5F:0A:…"."""
    return certificate(key).fingerprint(hashes.SHA256()).hex(":").upper()


def certificate_file(key: SigningKey) -> bytes:
    """Return a key's certificate in DER, for those who want to trust it."""
    return certificate(key).public_bytes(Encoding.DER)


def sign(pdf: bytes, key: SigningKey, why: str) -> bytes:
    """Return a PDF with a signature after its own bytes (PAdES baseline B), which any change breaks. Raises NoKey."""
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign import fields, signers

    about = signers.PdfSignatureMetadata(
        field_name="Signature",
        reason=why,
        md_algorithm="sha256",
        subfilter=fields.SigSeedSubFilter.PADES,
        certify=True,
        docmdp_permissions=fields.MDPPerm.NO_CHANGES,
    )

    def signed() -> bytes:
        written = signers.sign_pdf(IncrementalPdfFileWriter(BytesIO(pdf)), about, signer=_signer(key))
        return bytes(written.getvalue())

    # PyHanko runs an event loop of its own, of which a thread can have but one.
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(signed).result()


@cache
def _signer(key: SigningKey) -> Any:
    from pyhanko.sign import signers

    _read(key)  # for its refusal
    load: Any = signers.SimpleSigner.load_pkcs12
    return load(str(key.path), passphrase=key.password.encode() or None)


@cache
def _read(key: SigningKey) -> tuple[Any, x509.Certificate]:
    try:
        private, found, _others = pkcs12.load_key_and_certificates(key.path.read_bytes(), key.password.encode() or None)
    except (OSError, ValueError) as error:
        raise NoKey(f"{key.path} cannot be opened: {error}") from error
    if private is None or found is None:
        raise NoKey(f"{key.path} holds no key with its certificate")
    return private, found


def _new(charity: str, password: str, at: datetime) -> bytes:
    key = rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, charity[:LONGEST_NAME])])
    usage = {
        name: name in {"digital_signature", "content_commitment"}
        for name in (
            *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement"),
            *("key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
        )
    }
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - timedelta(minutes=5))  # clocks differ
        .not_valid_after(at + VALID_FOR)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(**usage), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    lock: KeySerializationEncryption = BestAvailableEncryption(password.encode()) if password else NoEncryption()
    return pkcs12.serialize_key_and_certificates(charity.encode(), key, made, None, lock)
