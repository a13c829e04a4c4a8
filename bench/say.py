"""Prints the figures: tables with their units and how to read them."""

from typing import Any

from rich.console import Console
from rich.table import Table

console = Console(highlight=False, width=118)
_aside = Console(stderr=True, highlight=False)

NOT_KNOWN = "n/a"


def progress(text: str) -> None:
    """Tells what is being done, on standard error."""
    _aside.print(text, style="dim")


def number(value: float | None, digits: int = 1) -> str:
    """A figure, or that it is not known here."""
    return NOT_KNOWN if value is None else f"{value:,.{digits}f}"


_SPEED = (
    ("opens_per_s", "opens, 20 callers", "/s"),
    ("steps_per_s", "steps, 20 callers", "/s"),
    ("open_p50_ms", "an open, 20 callers: p50", "ms"),
    ("open_p95_ms", "                     p95", "ms"),
    ("open_p99_ms", "                     p99", "ms"),
    ("step_p50_ms", "a step, 20 callers:  p50", "ms"),
    ("step_p95_ms", "                     p95", "ms"),
    ("step_p99_ms", "                     p99", "ms"),
    ("alone_p50_ms", "a step, one caller:  p50", "ms"),
    ("alone_p95_ms", "                     p95", "ms"),
    ("alone_p99_ms", "                     p99", "ms"),
    ("cpu_engine_ms", "processor a step: engine", "ms"),
    ("cpu_worker_ms", "                  worker", "ms"),
    ("cpu_caller_ms", "                  callers", "ms"),
    ("events_per_step", "history events a step", ""),
)


def encryption(found: dict[str, Any]) -> None:
    """The table of what encryption costs."""
    _compared("Sealed and in clear: open + 8 steps a case, medians of rounds taken in turn", found)
    console.print("plain: the same worker and the same book, with nothing sealed and no key asked for.\n")


def speed(found: dict[str, Any]) -> None:
    """The table of speed."""
    _compared("Speed: open + 8 steps a case, medians of rounds taken in turn", found)
    console.print(
        "floor: a workflow whose Update does nothing. one_row: whose Update inserts one row in SQLite, as safely as\n"
        "the book. More /s is better, fewer ms is better. A ratio is taken within each round, so that what else the\n"
        "machine does hits all alike. Aims: opens 0.80 of the floor or more, steps 0.75 or more, one caller's p50\n"
        "1.50 times the floor's or less.\n"
    )


def _compared(title: str, found: dict[str, Any]) -> None:
    medians, ratios = found["medians"], found["ratios"]
    table = Table(title=title, title_justify="left")
    table.add_column("")
    table.add_column("unit")
    for name in medians:
        table.add_column(name, justify="right")
    for reference in ratios:
        table.add_column(f"ours / {reference} (min-max)", justify="right")
    for key, label, unit in _SPEED:
        row = [number(figures.get(key)) for figures in medians.values()]
        table.add_row(label, unit, *row, *(_ratio(of.get(key)) for of in ratios.values()))
    console.print(table)


def _ratio(of: dict[str, float] | None) -> str:
    return "" if of is None else f"{of['median']:.2f} ({of['min']:.2f}-{of['max']:.2f})"


_FOOTPRINT = (
    ("start_cold_s", "start in an empty folder", "s", 1.0),
    ("start_again_s", "start again in the same folder", "s", 1.0),
    ("engine_idle", "memory: engine, no case", "MB", 1e6),
    ("engine_open", "                all cases open", "MB", 1e6),
    ("engine_stepped", "                all cases stepped", "MB", 1e6),
    ("worker_idle", "memory: worker, no case", "MB", 1e6),
    ("worker_open", "                all cases open", "MB", 1e6),
    ("worker_stepped", "                all cases stepped", "MB", 1e6),
    ("engine_file_open", "engine's file: an open case", "kB", 1e3),
    ("engine_file_step", "               a step", "kB", 1e3),
    ("book_file_open", "book's file:   an open case", "kB", 1e3),
    ("book_file_step", "               a step", "kB", 1e3),
)


def footprint(found: dict[str, Any]) -> None:
    """The table of time to start, memory and files."""
    table = Table(title=f"Footprint: {found['cases']} cases opened, then 8 steps each", title_justify="left")
    table.add_column("")
    table.add_column("unit")
    table.add_column("", justify="right")
    for key, label, unit, divisor in _FOOTPRINT:
        value = found[key]
        table.add_row(label, unit, number(None if value is None else value / divisor))
    console.print(table)
    console.print(
        "Start: until engine and worker say that they are ready. Memory is resident memory. Growth of a file is that\n"
        "of its pages in use, after a checkpoint.\n"
    )


_FILES = (
    ("plain_mb_per_s", "copied and encrypted by openssl", "MB/s", 1.0),
    ("in_mb_per_s", "taken in", "MB/s", 1.0),
    ("out_mb_per_s", "given out", "MB/s", 1.0),
    ("memory_before", "memory: before", "MB", 1e6),
    ("memory_in", "        at most, taken in", "MB", 1e6),
    ("memory_out", "        at most, given out too", "MB", 1e6),
)


def files(found: dict[str, Any]) -> None:
    """The table of files."""
    table = Table(title=f"Files: one of {found['size_mb']:.0f} MB", title_justify="left")
    table.add_column("")
    table.add_column("unit")
    table.add_column("", justify="right")
    for key, label, unit, divisor in _FILES:
        table.add_row(label, unit, number(found[key] / divisor))
    console.print(table)
    console.print(
        f"Medians of rounds taken in turn. In: {found['in_ratio']:.2f} of the plain encrypted copy; out: "
        f"{found['out_ratio']:.2f}. Ours also looks at what\nit is, hashes it (SHA-256) and authenticates each piece; "
        "both end with a sync of the disk.\n"
    )


_IMPORT = (
    ("cases_in_file", "cases in the file", "", 0),
    ("plan_per_s", "read and planned, no engine", "cases/s", 0),
    ("rows", "rows imported here", "", 0),
    ("opened", "cases opened", "", 0),
    ("commands", "commands accepted", "", 0),
    ("refused", "rows refused", "", 0),
    ("rows_per_s", "rows imported", "/s", 1),
    ("writes_per_s", "openings and commands", "/s", 1),
)


def imports(found: dict[str, Any]) -> None:
    """The table of the import."""
    table = Table(title="Import of real files, 20 cases at once", title_justify="left")
    table.add_column("")
    table.add_column("unit")
    for name in found:
        table.add_column(name, justify="right")
    for key, label, unit, digits in _IMPORT:
        table.add_row(label, unit, *(number(figures[key], digits) for figures in found.values()))
    console.print(table)


def herd(found: dict[str, Any]) -> None:
    """The herd, and what scans over as many cases cost."""
    table = Table(title=f"A herd: {found['cases']} cases due in the same second", title_justify="left")
    for name in ("", "unit", ""):
        table.add_column(name, justify="right" if not name and table.columns else "left")
    for key, label, unit, digits in (
        ("alerts", "alerts in the book", "", 0),
        ("wanted", "alerts that were due", "", 0),
        ("twice", "alerts written twice", "", 0),
        ("first_s", "after the second: first", "s", 2),
        ("p50_s", "                  p50", "s", 1),
        ("p95_s", "                  p95", "s", 1),
        ("last_s", "                  last", "s", 1),
    ):
        table.add_row(label, unit, number(found[key], digits))
    console.print(table)
    scans = Table(title="The same by a scan", title_justify="left")
    for name in ("cases", "nothing due: looking at each", "nothing due: by a column", "all due at once"):
        scans.add_column(name, justify="right")
    for one in found["scans"]:
        costs = (one["look_quiet_s"], one["column_quiet_s"], one["herd_s"])
        scans.add_row(number(one["cases"], 0), *(f"{number(cost, 3)} s" for cost in costs))
    console.print(scans)
    console.print(
        "A scan that looks at each case pays the first column at every run, due or not, and is late by half its\n"
        "period on average. One that trusts a column pays next to nothing, and misses what the column does not say.\n"
    )


_AUDIT = (
    ("entries", "lines of the book", "", 0),
    ("seal_per_s", "sealed", "lines/s", 0),
    ("seal_cpu_s", "of processor", "s", 1),
    ("log_per_s", "the log looked through", "lines/s", 0),
    ("verify_per_s", "verified: chains, seals, rows", "lines/s", 0),
    ("verify_s", "all of them", "s", 1),
    ("verify_cpu_s", "of processor", "s", 1),
    ("proof_bytes", "a proof of inclusion", "bytes", 0),
    ("proof_ms", "made in", "ms", 0),
    ("events", "a long case: lines", "", 0),
    ("book_ms", "told from the book", "ms", 1),
    ("history_ms", "told from its history", "ms", 1),
    ("strict_ms", "replayed strictly", "ms", 1),
    ("strict_cpu_ms", "of processor", "ms", 1),
    ("verify_ms", "verified, all of it", "ms", 1),
    ("bundle_bytes", "its bundle", "bytes", 0),
    ("rebuilt", "cases on an empty engine", "", 0),
    ("rebuild_per_s", "started again", "cases/s", 1),
)


def audit(found: dict[str, Any]) -> None:
    """The table of what it costs to hold the records against each other."""
    table = Table(title="Audit", title_justify="left")
    table.add_column("")
    table.add_column("unit")
    table.add_column("", justify="right")
    for key, label, unit, digits in _AUDIT:
        table.add_row(label, unit, number(found[key], digits))
    console.print(table)


def desk(found: dict[str, Any]) -> None:
    """Prints what the desk's socket costs beside direct calls."""
    table = Table(title="Through the desk's socket, and directly: one caller, p50 of rounds taken in turn")
    for name in ("", "direct, ms", "socket, ms", "socket / direct (min-max)", "processor through it, ms"):
        table.add_column(name, justify="right" if name else "left")
    for name, figures in found.items():
        ratio = f"{figures['ratio']:.2f} ({figures['min']:.2f}-{figures['max']:.2f})"
        table.add_row(name, number(figures["direct"]), number(figures["socket"]), ratio, number(figures["desk_cpu"]))
    console.print(table)
    console.print("Processor: of the desk and of the caller together.\n")
