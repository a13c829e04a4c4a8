"""A time-stamp authority (RFC 3161): somebody outside who attests that these bytes were there at that time."""

import urllib.error
import urllib.request
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from rfc3161_client import TimestampRequestBuilder, VerificationError, VerifierBuilder, decode_timestamp_response

_PATIENCE = 15.0  # seconds


class NoTimestamp(Exception):
    """The authority did not answer, refused, or gave a token that does not hold."""


class Authority:
    """One authority, and the certificates by which its tokens are known."""

    def __init__(self, url: str, certificates: Path) -> None:
        """`certificates` is a PEM file: its root first or last, and those between. ValueError when it holds none."""
        self._url = url
        self._certificates = x509.load_pem_x509_certificates(certificates.read_bytes())

    def stamp(self, data: bytes) -> tuple[bytes, datetime]:
        """Gives the authority's response for these bytes, in DER, and the time that it attests; both are checked."""
        query = TimestampRequestBuilder().data(data).build()
        request = urllib.request.Request(  # noqa: S310 - the address is a setting
            self._url, query.as_bytes(), {"Content-Type": "application/timestamp-query"}, method="POST"
        )
        try:
            with urllib.request.urlopen(request, timeout=_PATIENCE) as answer:  # noqa: S310
                token = answer.read(1 << 20)
        except (urllib.error.URLError, OSError, ValueError) as error:
            raise NoTimestamp(str(error)) from None
        return token, self.attested(token, data)

    def attested(self, token: bytes, data: bytes) -> datetime:
        """The time at which these bytes were there. Raises NoTimestamp when the token does not attest to them."""
        try:
            response = decode_timestamp_response(token)
            builder = VerifierBuilder()
            for certificate in self._certificates:
                if certificate.issuer == certificate.subject:
                    builder = builder.add_root_certificate(certificate)
                else:
                    builder = builder.add_intermediate_certificate(certificate)
            builder.build().verify_message(response, data)
        except (VerificationError, ValueError) as error:
            raise NoTimestamp(str(error)) from None
        return response.tst_info.gen_time.astimezone(UTC)
