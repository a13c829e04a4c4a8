"""`worker.py` for which a day lasts an eighth of a second, or as long as it is told.

With a database's address, it tells instead, for each instant that it is sent, which deadlines had passed by then and
were not noted.
"""

import asyncio
import json
import os
import sys
from contextlib import closing
from datetime import UTC, datetime

from tests.faults.fast_days import hasten

DAY = float(os.environ.get("ABOUTIR_TEST_DAY", "0.125"))
"""Seconds."""

if __name__ == "__main__":
    hasten(int(os.environ["ABOUTIR_TEST_EPOCH"]), DAY)

    import worker
    from activities.calendar import french_calendar
    from domain.lifecycle import fold
    from domain.time.clocks import agenda, passed
    from domain.time.policy import DEFAULT_POLICY
    from kit.process.leave import leave
    from kit.storage.database import Database
    from models import book, cases
    from tests.support.servers import KEYS

    def missed(url: str, by: float) -> list[str]:
        with closing(Database(url)) as database, database.read() as tx:
            opened = [fold(reference, book.history(tx, KEYS, reference)) for reference in cases.open_references(tx)]
        at = datetime.fromtimestamp(by, UTC)
        return [d.key for case in opened for d in passed(agenda(case, DEFAULT_POLICY, french_calendar()), at)]

    if sys.argv[1:]:
        for line in sys.stdin:
            print(json.dumps(missed(sys.argv[1], float(line))), flush=True)
        leave(0)
    leave(asyncio.run(worker.main()))
