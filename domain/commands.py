"""Every command that a case takes, collected from its parts.

`steps` says in which steps a command may be asked at all; `domain.permissions` says by whom; the finer rules stand
beside each command in `domain.parts`. A command's docstring is what people are shown of it.
"""

from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from domain.parts import tagged
from domain.parts.alert import PassDeadlines
from domain.parts.assignment import RecordDeparture
from domain.parts.base import Command
from domain.parts.files import AttachFile, RecordScan
from domain.parts.intake import Open
from domain.parts.notice import RecordUndelivered

COMMANDS: dict[str, type[Command]] = {command.name(): command for command in tagged(Command, "kind")}
"""Every command by its name, in the order in which people are shown them. What is not here cannot be asked."""

if TYPE_CHECKING:
    AnyCommand = Command
else:
    AnyCommand = Annotated[reduce(or_, COMMANDS.values()), Field(discriminator="kind")]

OF_THE_CLOCK = frozenset({PassDeadlines.name(), RecordUndelivered.name()})
"""Commands that only the case's own workflow asks: they have no door."""

OF_THE_SYSTEM = OF_THE_CLOCK | {RecordScan.name(), RecordDeparture.name()}
"""Commands that no person asks."""

NOT_SUBMITTED = OF_THE_SYSTEM | {Open.name(), AttachFile.name()}
"""Commands that are never typed in: the system's, and those with a way in of their own."""
