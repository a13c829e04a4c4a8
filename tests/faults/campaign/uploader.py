"""Takes in a file that has no end, to be killed in the middle: `python -m tests.faults.campaign.uploader ...`.

With a reference, an account, a piece and the path of a file, which is there once bytes have been written.
"""

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from tests.faults.fast_days import hasten


def main(reference: str, account: str, piece: str, under_way: Path) -> None:
    hasten(int(os.environ["ABOUTIR_TEST_EPOCH"]), float(os.environ["ABOUTIR_TEST_DAY"]))
    from bootstrap import office_of
    from desk.attaching import take_in
    from kit.settings import Settings

    def chunks() -> Iterator[bytes]:
        for number in range(1_000_000):
            yield b"Toujours la suite.\n" * 20_000
            if number == 2:
                under_way.touch()
            time.sleep(0.01)

    settings = Settings()
    office = office_of(settings, settings.temporal_address)
    take_in(office, office.actor(account), reference, piece, chunks(), filename="notes.txt", description="-")


if __name__ == "__main__":
    main(*sys.argv[1:4], Path(sys.argv[4]))
