"""Ends a process that used the Temporal SDK."""

import contextlib
import logging
import os
import sys
from typing import NoReturn


def leave(code: int) -> NoReturn:
    """Ends the process at once with exit status `code`, after its output and its logs are flushed.

    A process that used the Temporal SDK can crash while the interpreter shuts down, when the SDK's native
    threads call into Python objects already taken apart (temporalio/sdk-python issue 300). That crash would
    replace an exit status that means something with a signal. `os._exit` skips that shutdown, and with it
    every `atexit` function and every `finally` still open: call this last, when everything has been closed.
    """
    try:
        logging.shutdown()
        for stream in (sys.stdout, sys.stderr):
            # The reader may have gone (`| head`), the stream may be closed or absent: nobody is left to tell.
            with contextlib.suppress(OSError, ValueError, AttributeError):
                stream.flush()
    finally:
        os._exit(code)
