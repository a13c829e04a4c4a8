"""Collects every message that people read and keeps the catalogues in step with the code.

`python -m locales.extract` brings `fr/aboutir.po` up to date, keeping its translations; what is new or was reworded
is then to be translated. `--check` writes nothing, and exits 1 when something is to be done.

Most messages are read from the source, where they are text in the places that `Reader` knows. Those that are
computed (labels, docstrings, names of events, stories) are imported.
"""

import ast
import io
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parent.parent
if __name__ == "__main__":  # run by its path: the project is one folder up
    sys.path.insert(0, str(ROOT))

from babel.messages.catalog import Catalog, Message  # noqa: E402
from babel.messages.plurals import get_plural  # noqa: E402
from babel.messages.pofile import read_po, write_po  # noqa: E402

if TYPE_CHECKING:
    from domain.vocabulary import Term

LANGUAGES = ("fr",)

WALKED = (
    "domain",
    "documents",
    "cli",
    "importer",
    "kit",
    "words",
    "models",
    "activities",
    "workflows",
    "audit",
    "desk",
    "counter",
    "workers",
    "web",
    "bootstrap.py",
    "worker.py",
    "serve.py",
    "pages.py",
    "starter.py",
)

Id = str | tuple[str, str]
"""A message, or the singular and the plural of one that counts something."""
Messages = dict[Id, set[str]]
"""Each message with the files it comes from."""

_PARAMETER = re.compile(r"\{[A-Za-z_][A-Za-z0-9_]*\}")

_POSITIONS = {
    "_": (0,),
    "say": (0,),
    "fault": (1, 2),
    "Unacceptable": (1, 2),
    "Child": (0,),
    "_on_event": (1,),
    "laddered": (4,),
    "moment": (4,),
    "news": (4,),
    "clock": (5,),
    "Clock": (5,),
    "model_construct": (0,),
    "in_words": (0,),
    "shaped": (0,),
    "tell": (0,),
    "Ground": (0,),
    "_gap": (1, 2),
    "Deferred": (2,),
    "phrase": (0,),
    "PartLine": (1,),
    "Says": (0,),
    "Heading": (0,),
    "Place": (2,),
    "Section": (1,),
}
"""The positions of the arguments that are messages, by the name of what is called."""
_NAMED = frozenset({"message", "remedy", "counted"})
"""The names of arguments that are messages, in the same calls."""
_COUNTING = frozenset({"plural", "one_or_many"})
"""Calls whose first two arguments are the singular and the plural of a message."""
_HELPED = frozenset({"Option", "Argument", "command", "callback"})
"""Calls whose argument `help` is a message."""
_TABLES = frozenset(
    {
        *("_SAID", "_TEXTS", "_OTHERWISE", "_ERRORS", "_HEADINGS", "noun", "TYPED", "AWAITING_A_TRIGGER"),
        *("_AT_LEAST_ONE", "LABELS", "HELP", "ACTS"),
    }
)
"""Constants all of whose values are messages."""


# --- Messages in the source ------------------------------------------------------------------------------


class Reader(ast.NodeVisitor):
    """Finds the messages in one module. `problems` and `errors` are the names of the classes that carry some."""

    def __init__(self, tree: ast.Module, problems: frozenset[str], errors: frozenset[str]) -> None:
        self.problems, self.errors = problems, errors
        self.found: set[Id] = set()
        self.assigned: dict[str, list[ast.expr]] = defaultdict(list)
        for node in ast.walk(tree):
            for target, value in _assignments(node):
                if isinstance(target, ast.Name):
                    self.assigned[target.id].append(value)
        self.visit(tree)

    def visit_Call(self, node: ast.Call) -> None:
        name = _last_name(node.func)
        positions = (1, 2) if name in self.problems else _POSITIONS.get(name, ())
        if positions:
            self.take(node.args[n] for n in positions if n < len(node.args))
            self.take(k.value for k in node.keywords if k.arg in _NAMED)
        if name in _COUNTING:
            one, many = (self.texts(form, frozenset()) for form in node.args[:2])
            self.found |= set(product(one, many))
        if name in _HELPED:
            self.take(k.value for k in node.keywords if k.arg == "help")
        self.generic_visit(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        if node.name in self.errors:
            for inside in ast.walk(node):
                for target, value in _assignments(inside):
                    if any(_last_name(name) in ("message", "remedy") for name in _each(target)):
                        self.take([value])
        if node.name in self.problems:
            for inside in ast.walk(node):
                if isinstance(inside, ast.Call) and ast.unparse(inside.func) == "super().__init__":
                    self.take(inside.args[1:3])
        self.generic_visit(node)

    def visit_Assign(self, node: ast.Assign) -> None:
        self._table(node)
        self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        self._table(node)
        self.generic_visit(node)

    def _table(self, node: ast.stmt) -> None:
        self.take(value for target, value in _assignments(node) if _last_name(target) in _TABLES)

    def take(self, values: Iterable[ast.expr]) -> None:
        for value in values:
            self.found |= self.texts(value, frozenset())

    def texts(self, node: ast.expr, seen: frozenset[str]) -> set[str]:
        """Every text that this expression can be, as far as the module's own constants and variables tell."""
        match node:
            case ast.Constant(value=str(text)):
                return {text} if text.strip() else set()
            case ast.IfExp(body=body, orelse=otherwise):
                return self.texts(body, seen) | self.texts(otherwise, seen)
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                return {a + b for a in self.texts(left, seen) for b in self.texts(right, seen)}
            case ast.Tuple(elts=items) | ast.List(elts=items) | ast.Dict(values=items):
                return {text for item in items for text in self.texts(item, seen)}
            case ast.Subscript(value=table):
                return self.texts(table, seen)
            case ast.Name(id=name) if name not in seen:
                return {text for value in self.assigned[name] for text in self.texts(value, seen | {name})}
        return set()


def _assignments(node: ast.AST) -> Iterator[tuple[ast.expr, ast.expr]]:
    match node:
        case ast.Assign(targets=targets, value=value):
            yield from ((target, value) for target in targets)
        case ast.AnnAssign(target=target, value=ast.expr() as value):
            yield target, value


def _each(target: ast.expr) -> list[ast.expr]:
    return target.elts if isinstance(target, ast.Tuple) else [target]


def _last_name(node: ast.expr) -> str:
    """`name` of name, of anything.name."""
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def subclasses(trees: Iterable[ast.Module], root: str) -> frozenset[str]:
    """The names of a class and of all that derive from it, in any module."""
    bases = {
        node.name: {_last_name(base) for base in node.bases}
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
    }
    names = {root}
    while more := {name for name, of in bases.items() if of & names} - names:
        names |= more
    return frozenset(names)


def _written() -> Iterator[tuple[Id, str]]:
    tops = (ROOT / top for top in WALKED)
    files = sorted(file for top in tops for file in (top.rglob("*.py") if top.is_dir() else [top]))
    trees = {file: ast.parse(file.read_text(encoding="utf-8"), str(file)) for file in files}
    problems, errors = subclasses(trees.values(), "Problem"), subclasses(trees.values(), "StackError")
    for file, tree in trees.items():
        for text in Reader(tree, problems, errors).found:
            yield text, file.relative_to(ROOT).as_posix()


def _drawn() -> Iterator[tuple[Id, str]]:
    """The messages of the templates: the constant arguments of `_` and `plural`."""
    from jinja2 import Environment, nodes

    for file in sorted((ROOT / "web" / "templates").glob("*.html")):
        tree = Environment(autoescape=True).parse(file.read_text(encoding="utf-8"), file.name)
        for call in tree.find_all(nodes.Call):
            name = call.node.name if isinstance(call.node, nodes.Name) else ""
            texts = [arg.value for arg in call.args[:2] if isinstance(arg, nodes.Const) and isinstance(arg.value, str)]
            if name == "_" and texts:
                yield texts[0], file.relative_to(ROOT).as_posix()
            elif name == "plural" and len(texts) == 2:
                yield (texts[0], texts[1]), file.relative_to(ROOT).as_posix()


# --- Computed messages -----------------------------------------------------------------------------------


def _computed() -> Iterator[tuple[Id, str]]:
    from cli.demo.story import STORIES
    from domain.commands import COMMANDS
    from domain.events import EVENTS
    from words.happenings import event_template

    for kind in terms():
        for term in kind:
            yield term.label, "domain/vocabulary.py"
    for command in COMMANDS.values():
        yield command.explained(), "domain/commands.py"
    for tag in EVENTS:
        yield event_template(tag), "domain/events.py"
    for story in STORIES:
        yield story.title, "cli/demo/story.py"
        for scene in story.scenes:
            yield scene.told, "cli/demo/story.py"


def terms() -> list[type["Term"]]:
    """Every closed list of the vocabulary."""
    from domain.vocabulary import Term

    return sorted(Term.__subclasses__(), key=lambda kind: kind.__name__)


def messages() -> Messages:
    """Every message of the project."""
    places: Messages = defaultdict(set)
    for message, place in (*_written(), *_drawn(), *_computed()):
        if _PARAMETER.sub("", " ".join(_forms(message))).strip():  # "{how}" alone has nothing to translate
            places[message].add(place)
    return places


def _forms(message: Id) -> tuple[str, ...]:
    return (message,) if isinstance(message, str) else message


# --- The files -------------------------------------------------------------------------------------------


def template(places: Messages) -> Catalog:
    """The catalogue without translations, and without the places of its messages: they would change with every move."""
    catalog = Catalog(charset="utf-8")
    for message in sorted(places, key=_forms):
        catalog.add(message)
    return catalog


def merged(code: str, places: Messages) -> Catalog:
    """The catalogue of a language with every message of the project and none else."""
    path = po(code)
    catalog = read_po(io.BytesIO(path.read_bytes()), locale=code) if path.exists() else Catalog(locale=code)
    catalog.update(template(places), update_creation_date=False)
    catalog.obsolete.clear()
    return catalog


def po(code: str) -> Path:
    """The file of a language."""
    return ROOT / "locales" / code / "aboutir.po"


def written(catalog: Catalog, code: str = "") -> bytes:
    """The catalogue as a file: sorted, one line for each text, and a header without dates or versions."""
    body = io.BytesIO()
    for message in catalog:
        message.flags -= {"python-format", "python-brace-format"}  # guessed by Babel; ours are plain templates
    write_po(body, catalog, omit_header=True, sort_output=True, no_location=True, width=0)
    header = ["Project-Id-Version: aboutir"]
    if code:
        header += [f"Language: {code}", f"Plural-Forms: {get_plural(code).plural_forms}"]
    header += ["MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 8bit"]
    lines = "".join(f'"{line}\\n"\n' for line in header)
    return f'# Made by: python -m locales.extract\nmsgid ""\nmsgstr ""\n{lines}\n'.encode() + body.getvalue()


# --- Faults ----------------------------------------------------------------------------------------------


def faults(code: str, places: Messages) -> Iterator[str]:
    """Lists the work left in the catalogue of a language, one line for each thing."""
    path = po(code)
    if not path.exists():
        yield "there is no such file"
        return
    catalog = read_po(io.BytesIO(path.read_bytes()), locale=code)
    entries = {message_id(message): message for message in catalog if message.id}
    yield from (f"not in it: {_shown(message)}" for message in sorted(places.keys() - entries.keys(), key=_forms))
    gone = (entries.keys() - places.keys()) | {message_id(message) for message in catalog.obsolete.values()}
    yield from (f"obsolete: {_shown(message)}" for message in sorted(gone, key=_forms))
    for message, entry in entries.items():
        if message in places:
            yield from _faults_of(entry)
    if path.read_bytes() != written(merged(code, places), code):
        yield "not as the extraction writes it"


def message_id(message: Message) -> Id:
    """The message, or its singular and its plural, as they are in the code."""
    if isinstance(message.id, str):
        return message.id
    singular, plural = message.id
    return singular, plural


def _shown(message: Id) -> str:
    return " / ".join(_forms(message))


def _faults_of(message: Message) -> Iterator[str]:
    shown = _shown(message_id(message))
    translations = [message.string] if isinstance(message.string, str) else list(message.string or [""])
    if not all(translations):
        yield f"not translated: {shown}"
    elif message.fuzzy:
        yield f"fuzzy (was reworded; check it and take the flag out): {shown}"
    else:
        yield from _lost_parameters(message_id(message), translations)


def _lost_parameters(message: Id, translations: Sequence[str]) -> Iterator[str]:
    """A form may leave out the number only where the English singular does: the first of French serves for 0, too."""
    singular, plural = parameters(_forms(message)[0]), parameters(_forms(message)[-1])
    for text in translations:
        if not singular <= (actual := parameters(text)) <= plural:
            yield f"parameters {sorted(actual)} instead of {sorted(plural)}: {_shown(message)}"


def parameters(text: str) -> set[str]:
    """The {named} parameters of a template."""
    return set(_PARAMETER.findall(text))


def check() -> list[str]:
    """Lists the work left, each line starting with the file."""
    places = messages()
    return [f"{po(code).relative_to(ROOT)}: {fault}" for code in LANGUAGES for fault in faults(code, places)]


def main(arguments: list[str]) -> int:
    """Writes the catalogues, or checks them; lists the work left."""
    if "--check" not in arguments:
        places = messages()
        for code in LANGUAGES:
            po(code).parent.mkdir(exist_ok=True)
            po(code).write_bytes(written(merged(code, places), code))
    lines = check()
    for line in lines:
        print(line)
    if lines:
        print(f"{len(lines)} to do. Run python -m locales.extract, then translate what it names.")
    return 1 if lines and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
