"""Codes that change every half minute (TOTP, RFC 6238), and the picture by which a telephone takes their secret."""

import hmac
import io
import re
from datetime import datetime

import pyotp
import segno

STEP = 30  # seconds
DRIFT = 1
"""Steps by which a telephone's clock may differ."""


def new_secret() -> str:
    """A fresh secret of 160 bits, in base 32: what every application takes."""
    return pyotp.random_base32()


def address_of(secret: str, account: str, issuer: str) -> str:
    """The address (otpauth://) by which an application takes the secret."""
    return pyotp.TOTP(secret, interval=STEP).provisioning_uri(name=account, issuer_name=issuer)


def picture_of(address: str) -> str:
    """The address as a QR code: an SVG element without any style or script."""
    picture = io.BytesIO()
    segno.make(address, error="m", micro=False).save(
        picture, kind="svg", xmldecl=False, svgns=True, scale=4, nl=False, omitsize=True
    )
    return picture.getvalue().decode()


def step_of(secret: str, code: str, at: datetime) -> int | None:
    """The step that a code belongs to; None if it is none of this moment, give or take a step."""
    typed, current = re.sub(r"\s", "", code).encode(errors="replace"), int(at.timestamp()) // STEP
    codes = pyotp.TOTP(secret, interval=STEP)
    # All are compared, so that the time it takes does not tell which one it was.
    steps = range(current - DRIFT, current + DRIFT + 1)
    right = [step for step in steps if hmac.compare_digest(codes.generate_otp(step).encode(), typed)]
    return max(right, default=None)
