"""`python -m bench.house [PATH] [--against PATH | --list docstrings|locals|complexity] [--json]`."""

import argparse
import json
import signal
from dataclasses import asdict
from pathlib import Path

from bench.house import say
from bench.house.figures import AIMS, Figures, measure

_THIS_CHECKOUT = Path(__file__).parents[2]


def _arguments(words: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.house", description="Measures how the code reads.")
    parser.add_argument("path", nargs="?", type=Path, default=_THIS_CHECKOUT, metavar="PATH", help="root of a checkout")
    parser.add_argument("--json", action="store_true", help="print one JSON value")
    instead = parser.add_mutually_exclusive_group()
    instead.add_argument("--against", type=Path, metavar="PATH", help="root of another checkout, to set beside it")
    instead.add_argument("--list", choices=say.LISTS, help="print what is to be mended, as lines of path:line name")
    arguments = parser.parse_args(words)
    for path in (arguments.path, arguments.against):
        if path and not path.is_dir():
            parser.error(f"no such folder: {path}")
    return arguments


def main(words: list[str] | None = None) -> None:
    """Prints the list asked for, or the figures of one checkout or two."""
    arguments = _arguments(words)
    if arguments.list:
        _print_list(list(say.LISTS[arguments.list](measure(arguments.path))), arguments.json)
        return
    paths = [path for path in (arguments.path, arguments.against) if path]
    checkouts = {_label(path, paths): measure(path).rooms() for path in paths}
    if arguments.json:
        print(json.dumps(_as_json(checkouts), indent=2))
    else:
        print(say.whole(checkouts), say.by_room(checkouts), sep="\n\n")


def _print_list(lines: list[str], as_json: bool) -> None:
    if as_json:
        print(json.dumps(lines, indent=2, ensure_ascii=False))
    else:
        print(*lines, sep="\n", end="\n" if lines else "")


def _label(path: Path, paths: list[Path]) -> str:
    names = [other.resolve().name for other in paths]
    return path.resolve().name if len(names) == len(set(names)) else str(path)


def _as_json(checkouts: dict[str, dict[str, Figures]]) -> dict[str, object]:
    figures = {
        label: {room: asdict(measured) for room, measured in rooms.items()} for label, rooms in checkouts.items()
    }
    return {"aims": AIMS, "checkouts": figures}


if __name__ == "__main__":
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # ends quietly when `head` has read enough
    main()
