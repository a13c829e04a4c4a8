"""A look at a spreadsheet before it is imported: its sheets, its header, its columns; and a mapping to begin with."""

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from domain.folding import words
from importer.summary import ColumnSummary
from kit.tables import Table, TableError, read_table
from kit.tables.read import is_workbook
from kit.tables.workbook import sheets_of

HEADERS = 10
"""Lines among which the header is looked for."""
EXAMPLES = 3
_SHORT = 40
_FEW = 20
"""Different texts of a column that is proposed as a list of codes."""


@dataclass(slots=True)
class LookedAt:
    """One column, with the first different texts in it. They are personal: for a terminal, and nowhere else."""

    name: str
    summary: ColumnSummary = field(default_factory=ColumnSummary)
    texts: Counter[str] = field(default_factory=Counter)

    @property
    def examples(self) -> list[str]:
        """The first different texts, cut short."""
        return [text if len(text) <= _SHORT else f"{text[:_SHORT]}…" for text in list(self.texts)[:EXAMPLES]]


@dataclass(frozen=True, slots=True)
class Look:
    """A spreadsheet as it would be read."""

    sheets: tuple[str, ...]
    table: Table
    header_row: int
    rows: int
    columns: tuple[LookedAt, ...]


def look_at(file: Path, *, sheet: str | int | None = None, encoding: str | None = None) -> Look:
    """Reads a spreadsheet to its end; the header is the line with the most names among the first ones.

    Raises TableError for a file that cannot be read.
    """
    header_row, table = _with_header(file, sheet, encoding)
    columns = {name: LookedAt(name) for name in table.columns}
    rows = 0
    for row in table:
        rows += 1
        for name, text in row.values.items():
            columns[name].summary.add(text)
            if text and (text in columns[name].texts or len(columns[name].texts) <= _FEW):
                columns[name].texts[text] += 1
    sheets = tuple(sheets_of(file)) if is_workbook(file) else ()
    return Look(sheets, table, header_row, rows, tuple(columns.values()))


def _with_header(file: Path, sheet: str | int | None, encoding: str | None) -> tuple[int, Table]:
    best: tuple[int, int, Table] | None = None
    first: TableError | None = None
    for line in range(1, HEADERS + 1):
        try:
            table = read_table(file, sheet=sheet, encoding=encoding, header_row=line)
        except TableError as error:
            if error.code not in ("table-no-header", "table-duplicate-columns"):
                raise
            first = first or error
            continue
        names = sum(not name.startswith("#") and not name[:1].isdigit() for name in table.columns)
        if best is None or names > best[0]:
            best = (names, line, table)
    if best is None:
        assert first is not None  # noqa: S101 - each line had an error
        raise first
    return best[1], best[2]


# --- A mapping to begin with -----------------------------------------------------------------------------

_GUESSES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("complaint.facts.occurred_on", ("date des faits", "faits le", "date faits")),
    ("complaint.received_at", ("recu le", "date de reception", "date d accueil", "date de saisine", "date", "le")),
    ("complaint.facts.narrative", ("recit", "narration", "description", "texte", "expose", "faits", "resume")),
    ("complaint.complainant.family_name", ("nom", "nom de famille")),
    ("complaint.complainant.given_name", ("prenom",)),
    ("complaint.complainant.email", ("courriel", "mail", "e mail", "email", "adresse electronique")),
    ("complaint.complainant.phone", ("telephone", "tel", "portable", "mobile")),
    ("complaint.respondent.name", ("mis en cause", "mise en cause", "employeur", "bailleur", "organisme")),
    ("complaint.facts.place.commune", ("commune", "ville", "code insee", "insee")),
    ("complaint.criteria", ("motif", "motifs", "critere", "criteres")),
    ("complaint.domain", ("domaine", "secteur")),
    ("complaint.channel", ("voie", "canal", "mode de saisine")),
)
_IDENTITY = ("n de fiche", "n fiche", "fiche", "numero", "dossier", "n dossier", "ref", "reference", "id", "n")
_CONSTANTS = {
    "complaint.received_at": '{ column = "…" }',
    "complaint.channel": '{ value = "DESK" }',
    "complaint.domain": '{ value = "AUTRE" }',
    "complaint.criteria": '{ value = ["AUTRE_INDETERMINE"] }',
    "complaint.facts.narrative": '{ column = "…" }',
}
"""What stands in the proposal where no column was recognised: to be edited."""
_CODED = {"complaint.criteria": "AUTRE_INDETERMINE", "complaint.domain": "AUTRE", "complaint.channel": "DESK"}


def proposed(look: Look, name: str, say: Callable[[str], str]) -> str:
    """A mapping in TOML to be edited, for a register that is called `name`. `say` words its comments."""
    guesses = _guessed(look)
    lines = [f"# {say('Proposed from the names of the columns. Read every line before you import.')}", "[source]"]
    lines += [f"system = {_quoted(_system(name))}  # {say('the name of this register: never change it afterwards')}"]
    identity = _identity(look)
    unnamed = f'# identity = ["…"]  # {say("the column that names a row")}'
    lines.append(f"identity = [{_quoted(identity)}]" if identity else unnamed)
    if look.header_row > 1:
        lines.append(f"header_row = {look.header_row}")
    if look.table.sheet is not None:
        lines.append(f"sheet = {_quoted(look.table.sheet)}")
    if look.table.encoding not in (None, "utf-8", "utf-8-sig"):
        lines.append(f"encoding = {_quoted(str(look.table.encoding))}")
    lines += ["", "[complaint]"]
    for key in (*_CONSTANTS, *(key for key in guesses if key not in _CONSTANTS)):
        lines.append(f"{key.removeprefix('complaint.')} = {_origin(look, key, guesses)}")
    unused = [column.name for column in look.columns if column.name not in (*guesses.values(), identity)]
    lines += ["", f"# {say('Columns that are not imported:')} {', '.join(unused)}"] if unused else []
    return "\n".join(lines) + "\n"


def _guessed(look: Look) -> dict[str, str]:
    """The column for each field, by its name. A person is proposed only with both names."""
    found: dict[str, str] = {}
    for key, names in _GUESSES:
        for name in names:
            fits = (c.name for c in look.columns if " ".join(words(c.name)) == name and c.name not in found.values())
            if (column := next(fits, None)) is not None:
                found[key] = column
                break
    names_of_person = ("complaint.complainant.family_name", "complaint.complainant.given_name")
    if not all(key in found for key in names_of_person):
        found = {key: column for key, column in found.items() if not key.startswith("complaint.complainant.")}
    return found


def _identity(look: Look) -> str | None:
    for name in _IDENTITY:
        for column in look.columns:
            if " ".join(words(column.name)) == name and column.summary.filled == look.rows:
                return column.name
    return None


def _origin(look: Look, key: str, guesses: dict[str, str]) -> str:
    name = guesses.get(key)
    if name is None:
        return _CONSTANTS[key]
    column = next(column for column in look.columns if column.name == name)
    if key not in _CODED:
        return f"{{ column = {_quoted(name)} }}"
    code = _CODED[key]
    values = ", ".join(f"{_quoted(text)} = {_quoted(code)}" for text in _different(column))
    table = f", values = {{ {values} }}" if values else ""
    return f"{{ column = {_quoted(name)}, default = {_quoted(code)}{table} }}"


def _different(column: LookedAt) -> list[str]:
    texts = {" ".join(words(text)): text for text in column.texts}
    is_list = len(column.texts) <= _FEW and len(column.texts) < column.summary.filled
    return sorted(text for text in texts.values() if len(text) <= _SHORT) if is_list else []


def _system(name: str) -> str:
    return "-".join(words(name))[:60] or "registre"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
