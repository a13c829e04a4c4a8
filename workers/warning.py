"""Has it mailed at once that an account was refused often, for as long as the worker runs."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from kit.process.logs import get_logger

if TYPE_CHECKING:
    from activities.refusal_mail import RefusalMail

log = get_logger("workers.warning")

PAUSE = 15.0
"""Seconds between two looks."""


async def keep_warned(mails: RefusalMail) -> None:
    """Mails until it is cancelled. Of several workers one sends each mail, and the others leave it."""
    while True:
        try:
            await mails.mail()
        except Exception:
            log.exception("refusals_not_mailed")  # whatever the reason: they wait, and are tried again
        await asyncio.sleep(PAUSE)
