"""Signatures in PDFs: made by a key that is made once, and broken by any change."""

from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path

import pytest
from asn1crypto import x509
from click.testing import CliRunner
from fpdf import FPDF
from pyhanko.pdf_utils.misc import PdfReadError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import SuspiciousModification
from pyhanko.sign.validation import SignatureCoverageLevel, validate_pdf_signature
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko_certvalidator import ValidationContext

from logistics import pdf_signing
from logistics.cli import make_signing_key_command
from logistics.pdf_signing import NoKey, SigningKey


def signed_by(pdf: bytes, certificate: bytes) -> bool:
    """Whether all of a PDF is signed by a certificate (in DER) and has not been changed since."""
    try:
        (signature,) = PdfFileReader(BytesIO(pdf)).embedded_signatures
        trusted = ValidationContext(trust_roots=[x509.Certificate.load(certificate)], allow_fetching=False)
        with ThreadPoolExecutor(1) as thread:  # its event loop would be the browser tests' second one here
            found = thread.submit(validate_pdf_signature, signature, trusted).result()
    except (PdfReadError, SignatureValidationError, SuspiciousModification, ValueError):
        return False
    return bool(found.bottom_line) and found.coverage == SignatureCoverageLevel.ENTIRE_FILE


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> SigningKey:
    return pdf_signing.make_once(SigningKey(tmp_path_factory.mktemp("key") / "signing.p12"), "Channel Coats")


@pytest.fixture(scope="module")
def signed(key: SigningKey) -> bytes:
    pdf = FPDF()
    pdf.add_page()
    pdf.set_font("helvetica")
    pdf.cell(text="Twelve hours")
    return pdf_signing.sign(bytes(pdf.output()), key, "Confirmation of voluntary work")


def test_a_signature_holds(key: SigningKey, signed: bytes) -> None:
    assert signed_by(signed, pdf_signing.certificate_file(key))


def test_any_changed_byte_breaks_it(key: SigningKey, signed: bytes) -> None:
    certificate = pdf_signing.certificate_file(key)
    signature = signed.index(b"/Contents <")  # from here on stands the signature itself, to its bracket
    places = [10, signed.index(b"/MediaBox") + 12, signature - 5, signed.index(b">", signature) + 3, len(signed) - 9]
    for place in [*places, signature + 400]:
        changed = bytearray(signed)
        changed[place] ^= 1
        assert not signed_by(bytes(changed), certificate), place
    assert not signed_by(signed + b"\n1 0 obj\n(Fifty hours)\nendobj\n", certificate)


def test_another_key_is_not_ours(signed: bytes, tmp_path: Path) -> None:
    other = pdf_signing.make_once(SigningKey(tmp_path / "other.p12"), "Channel Coats")
    assert not signed_by(signed, pdf_signing.certificate_file(other))


def test_of_many_at_once_one_makes_the_key(tmp_path: Path) -> None:
    path = tmp_path / "new" / "signing.p12"

    def make(_each: int) -> str:
        pdf_signing.make_once(SigningKey(path), "Channel Coats")
        pdf_signing._read.cache_clear()
        return pdf_signing.fingerprint(SigningKey(path))

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(make, range(4)))) == 1
    assert [each.name for each in path.parent.iterdir()] == ["signing.p12"]
    assert path.stat().st_mode & 0o077 == 0  # nobody else reads it


def test_a_key_is_made_for_production_and_never_written_over(app: object, tmp_path: Path) -> None:
    path = tmp_path / "signing.p12"
    made = CliRunner(env={"SIGNING_PASSWORD": "kettle"}).invoke(make_signing_key_command, [str(path)])
    assert made.exit_code == 0, made.output
    assert pdf_signing.fingerprint(SigningKey(path, "kettle")) in made.output
    with pytest.raises(NoKey, match="cannot be opened"):
        pdf_signing.certificate(SigningKey(path, "wrong"))
    before = path.read_bytes()
    again = CliRunner().invoke(make_signing_key_command, [str(path)])
    assert again.exit_code == 1
    assert "stays as it is" in again.output
    assert path.read_bytes() == before
