"""A register that says who has a conflict of interest: the case is closed to them as it is taken in."""

from domain.parts.restriction import Restrict
from tests.importer.tables import MINIMAL, one

CONFLICT = """
[[commands]]
command = "restrict"
when = { column = "conflit" }
reason = { template = "Selon le registre : {conflit}" }

[commands.organisations]
column = "conflit"
split = ","
values."La métropole" = "metropole"
values."L’accueil" = "acces-droit"
"""


def test_a_case_is_closed_to_those_whom_its_row_names_and_to_nobody_otherwise() -> None:
    (closed,) = one(MINIMAL + CONFLICT, conflit="La métropole, l’accueil").commands
    assert isinstance(closed.command, Restrict)
    assert closed.command.organisations == ("metropole", "acces-droit")
    assert one(MINIMAL + CONFLICT, conflit="").commands == ()
