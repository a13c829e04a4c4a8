"""The file for the Defender of Rights on the command line: what is missing from it, and the file itself."""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from cli import read
from cli.history import AtOption, ReferenceArgument
from cli.options import DEFAULT_ACCOUNT, AsOption, DataOption, JsonOption, WhyOption, path
from cli.out import ForceOption, unwritable, written
from cli.pages.due import print_running
from cli.say import Usage, _, answering, as_json, console, how, words
from cli.stack.place import find
from desk.dossiers import Prepared, dossier_view, prepare_dossier, typeset_dossier, write_bundle
from desk.office import Office
from desk.views.dossier import DossierView, GapView
from domain.actors import Actor
from domain.dossier import Dossier, alike, not_scanned

if TYPE_CHECKING:
    from kit.crypto.age import Key

_KINDS = (".pdf", ".zip")
SEALED = ".age"


def show_dossier(
    ref: ReferenceArgument,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="FOLDER|FILE.pdf|FILE.zip",
            parser=path,
            help=_("Where to write it; without it, only what is missing is said."),
        ),
    ] = None,
    to: Annotated[
        str | None,
        typer.Option("--to", metavar="age1...", help=_("Seal it to this key: nobody else can read it.")),
    ] = None,
    force: ForceOption = False,
    at: AtOption = None,
    why: WhyOption = None,
    data: DataOption = None,
    account: AsOption = DEFAULT_ACCOUNT,
    machine: JsonOption = False,
) -> None:
    with answering(machine):
        office = find(data)
        reference, actor = read.reference(ref), office.actor(account)
        prepared = prepare_dossier(office, actor, reference, at=at, why=why)
        digests = {} if out is None else _write(office, actor, prepared, out, _key(to), force=force)
        view = dossier_view(office, actor, prepared, words())
        if machine:
            as_json(_json(view, digests))
        else:
            _print(view, prepared.dossier, digests)


def _key(text: str | None) -> "Key | None":
    from kit.crypto.age import NoKey, key

    try:
        return None if text is None else key(text)
    except NoKey:
        raise Usage(
            "no_key", "This is not a public key of age.", "It starts with age1: ask its owner for it.", field="to"
        ) from None


# --- Writing it ------------------------------------------------------------------------------------------


def _write(
    office: Office, actor: Actor, prepared: Prepared, out: Path, key: "Key | None", *, force: bool
) -> dict[str, str]:
    """Writes what was asked for; gives each file's digest by its name."""
    pdf = typeset_dossier(office, actor, prepared, to_be_sent=key is not None)
    paths = _paths(prepared.dossier, out, key)
    _make_folder(paths[0])
    with written(paths, "out", force=force) as parts:
        for path, part in zip(paths, parts, strict=True):
            with _sealed(part, key) as sink:
                if ".pdf" in path.suffixes:
                    sink.write(pdf)
                else:
                    write_bundle(office, actor, prepared, pdf, sink)
    return {path.name: _digest(path) for path in paths}


def _paths(file: Dossier, out: Path, key: "Key | None") -> Sequence[Path]:
    """The files to write: those of a folder have names that tell nothing of the person."""
    end = SEALED if key is not None else ""
    plain = out.with_suffix("") if key is not None and out.suffix == SEALED else out
    if plain.suffix.lower() in _KINDS:
        return [plain.with_name(plain.name + end)]
    if out.suffix:
        raise Usage(
            "bad_dossier_out",
            "The file is written as a PDF, as a ZIP, or as both into a folder.",
            "Name a folder, or a file that ends in .pdf or .zip.",
            field="out",
        )
    name = f"dossier-{file.case.reference}-v{file.case.version}"
    kinds = _KINDS if key is None else (".zip",)
    return [out / f"{name}{kind}{end}" for kind in kinds]


def _make_folder(path: Path) -> None:
    try:
        path.parent.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise unwritable(path.parent, "out", error) from None


@contextmanager
def _sealed(whole: IO[bytes], key: "Key | None") -> Iterator[IO[bytes]]:
    if key is None:
        yield whole
        return
    from kit.crypto.age import sealed_to

    with sealed_to(key, whole) as sink:
        yield sink


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


# --- Saying it -------------------------------------------------------------------------------------------


def _json(view: DossierView, digests: dict[str, str]) -> dict[str, Any]:
    gaps = [gap.model_dump(mode="json") | {"remedy": _remedy(view, gap)} for gap in view.gaps]
    written = [{"name": name, "sha256": digest} for name, digest in digests.items()]
    return view.model_dump(mode="json") | {"gaps": gaps, "written": written}


def _print(view: DossierView, file: Dossier, digests: dict[str, str]) -> None:
    title = _("File for the Defender of Rights")
    console.print(Text.assemble((view.reference, "bold"), "  ", (title, "bold cyan"), f"  v{view.version}"))
    _print_gaps(view)
    console.print(_("Numbered pieces: {count}.", count=len(view.exhibits)))
    print_running(file.limits)
    for name, digest in digests.items():
        console.print(Text.assemble((name, "bold"), "  ", (digest, "dim")), soft_wrap=True)
    if digests:
        _print_doubts(file)
    if digests and not view.blocked and file.case.open_filings:
        _print_next_step(file, next(iter(digests.values())))


def _print_doubts(file: Dossier) -> None:
    """Says which copies are not known to be harmless, and which are the same: they go out all the same."""
    if names := not_scanned(file):
        told = _("Copies that no scan has called clean (not scanned, or not yet): {names}.", names=", ".join(names))
        console.print(Text(told, "yellow"))
    if names := alike(file):
        told = _("Copies of the same file under several numbers: {names}.", names=", ".join(names))
        console.print(Text(told, "yellow"))


def _print_next_step(file: Dossier, digest: str) -> None:
    command = f"  starter.py submit {file.case.reference} file --set filing={file.case.open_filings[0].id}"
    console.print(Text(_("Once it is filed, say so, with the digest of what was filed:"), "dim"))
    console.print(Text(f"{command} --set sha256={digest}", "dim"), soft_wrap=True)


def _print_gaps(view: DossierView) -> None:
    if not view.gaps:
        console.print(Text(_("Nothing is missing."), "green"))
    blocking, weakening = ([gap for gap in view.gaps if gap.blocks is blocks] for blocks in (True, False))
    _print_list(_("It cannot be filed like this:"), view, blocking, "bold red")
    if view.blocked:
        _print_list(_("It would also be stronger with:"), view, weakening, "yellow")
    else:
        _print_list(_("It can be filed, and would be stronger with:"), view, weakening, "yellow")


def _print_list(title: str, view: DossierView, gaps: Sequence[GapView], style: str) -> None:
    if not gaps:
        return
    console.print(Text(title, style))
    for gap in gaps:
        console.print(Text.assemble("  ", gap.message, "  ", (_remedy(view, gap), "dim")))


def _remedy(view: DossierView, gap: GapView) -> str:
    return " ".join(filter(None, [gap.remedy, how(gap.action, reference=view.reference)]))
