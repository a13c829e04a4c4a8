#!/usr/bin/env python3
"""Vérifie un dossier d'audit scellé : python verify.py DOSSIER.zip [--key CLE] [--witness FICHIER]...

Ne demande que Python 3.11 et le paquet « cryptography ». Ne lit que ce fichier ZIP, n'écrit rien, n'appelle personne.
--key      la clé publique de l'installation, obtenue d'une autre main que ce dossier ; sans elle, la clé du dossier
           est employée, ce qui prouve seulement que le dossier est cohérent.
--witness  un point de contrôle reçu par ailleurs (courriel, dossier témoin) : le dossier doit s'y accorder.
Code de sortie : 0 si tout se tient, 5 sinon, 2 si la commande n'est pas comprise.
"""

import argparse
import base64
import hashlib
import hmac
import json
import sys
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

FORMAT = "aboutir.bundle.1"
READABLE = "histoire.pdf est sous le même sceau ; s'il différait de entries.jsonl, celui-ci ferait foi."
UNLISTED = {"manifest.json", "manifest.note"}

Key = tuple[str, bytes, bytes]
Said = dict[str, Any]


class Wrong(Exception):
    """Something does not hold."""


# --- Words of C2SP ---------------------------------------------------------------------------------------


def public_key(text: str) -> Key:
    """(name, id, key) of a line name+id+base64."""
    name, id, coded = text.strip().split("+", 2)
    raw = base64.b64decode(coded, validate=True)
    expected = hashlib.sha256(name.encode() + b"\n" + raw).digest()[:4]
    if raw[:1] != b"\x01" or len(raw) != 33 or expected.hex() != id:
        raise Wrong("la clé publique n'est pas une clé Ed25519 bien formée")
    return name, expected, raw[1:]


def opened(note: str, key: Key) -> str:
    """The text of a signed note. Raises Wrong unless this key signed it."""
    name, id, raw = key
    text, gap, block = note.rpartition("\n\n")
    text += "\n"
    for line in block.split("\n") if gap else []:
        dash, _, rest = line.partition(" ")
        who, _, coded = rest.partition(" ")
        if dash != "\u2014" or who != name:
            continue
        signature = base64.b64decode(coded, validate=True)
        if signature[:4] == id:
            try:
                Ed25519PublicKey.from_public_bytes(raw).verify(signature[4:], text.encode())
            except InvalidSignature:
                raise Wrong("une signature ne correspond pas au texte signé") from None
            return text
    raise Wrong("un texte n'est pas signé par la clé de l'installation")


def checkpoint(note: str, key: Key) -> tuple[int, bytes]:
    """(size, root) of a signed checkpoint."""
    lines = opened(note, key).split("\n")
    if lines[0] != key[0]:
        raise Wrong("un point de contrôle est d'un autre journal")
    return int(lines[1]), base64.b64decode(lines[2], validate=True)


# --- RFC 6962 --------------------------------------------------------------------------------------------


def node(left: bytes, right: bytes) -> bytes:
    """Hash of the node above two subtrees."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def included(leaf: bytes, index: int, size: int, proof: list[bytes], root: bytes | None) -> bool:
    """RFC 9162, section 2.1.3.2."""
    if not 0 <= index < size:
        return False
    place, last, reached = index, size - 1, leaf
    for step in proof:
        if last == 0:
            return False
        if place & 1 or place == last:
            reached = node(step, reached)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            reached = node(reached, step)
        place, last = place >> 1, last >> 1
    return last == 0 and reached == root


def consistent(old: int, size: int, old_root: bytes, root: bytes, proof: list[bytes]) -> bool:
    """RFC 9162, section 2.1.4.2."""
    if old == size:
        return not proof and old_root == root
    steps = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    if not 0 < old < size or not steps:
        return False
    place, last = old - 1, size - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    before = now = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            before, now = node(step, before), node(step, now)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            now = node(now, step)
        place, last = place >> 1, last >> 1
    return last == 0 and before == old_root and now == root


# --- The book --------------------------------------------------------------------------------------------


def canonical(*said: Any) -> bytes:
    """The only form in which anything is hashed."""
    return json.dumps(said, ensure_ascii=True, separators=(",", ":")).encode()


def said_by(line: Said, event: bytes) -> list[Any]:
    """Content of a line, its event by its digest."""
    names = ("reference", "version", "command_id", "position", "tag", "account", "role", "organisation", "metropolis")
    digest = hashlib.sha256(event).hexdigest()
    door = [line["door"]] if line.get("door") else []
    return [*(line[name] for name in names), line["happened_at"], line["recorded_at"], digest, *door]


def check_chain(reference: str, lines: list[Said]) -> None:
    """Every line follows from the one before it."""
    head = bytes(32).hex()
    for number, line in enumerate(lines, start=1):
        kept = base64.b64decode(line["event_as_kept"], validate=True)
        hash = hashlib.sha256(canonical("aboutir.entry.1", head, *said_by(line, kept))).hexdigest()
        if (line["reference"], line["version"], line["previous"], line["hash"]) != (reference, number, head, hash):
            raise Wrong(f"la ligne {number} du livre ne suit pas de la précédente")
        head = hash


def check_log(lines: list[Said], log: Said, key: Key, of_case: bytes) -> tuple[dict[int, bytes], int]:
    """Every sealed line is in the tree of the last checkpoint, which grew from each of the others."""
    points = [checkpoint(point["note"], key) for point in log["checkpoints"]]
    if [size for size, _ in points] != [point["size"] for point in log["checkpoints"]]:
        raise Wrong("un point de contrôle n'a pas la taille annoncée")
    roots = dict(points)
    check_growth(roots, log["consistency"])
    sealed = {leaf["version"]: leaf for leaf in log["inclusion"]}
    for version in sealed:
        if not 1 <= version <= len(lines):
            raise Wrong(f"la ligne scellée {version} manque")
    for line in lines:
        if line["version"] in sealed:
            check_leaf(line, sealed[line["version"]], roots, of_case)
    return roots, len(sealed)


def check_growth(roots: dict[int, bytes], proofs: list[Said]) -> None:
    """The last checkpoint grew from each of the others."""
    for step in proofs:
        old, size = step["from"], step["to"]
        proof = [bytes.fromhex(hash) for hash in step["proof"]]
        if not consistent(old, size, roots[old], roots[size], proof):
            raise Wrong(f"le journal de {size} lignes n'est pas la suite de celui de {old}")
    if {step["from"] for step in proofs} != set(roots) - {max(roots, default=0)}:
        raise Wrong("il manque une preuve de cohérence")


def check_leaf(line: Said, leaf: Said, roots: dict[int, bytes], of_case: bytes) -> None:
    """The leaf of a line is in the tree, and commits to what the line says."""
    content = canonical("aboutir.leaf.1", line["reference"], line["version"], line["hash"], leaf["commitment"])
    hash = hashlib.sha256(b"\x00" + content).digest()
    proof = [bytes.fromhex(step) for step in leaf["proof"]]
    if not included(hash, leaf["index"], leaf["size"], proof, roots.get(leaf["size"])):
        raise Wrong(f"la ligne {line['version']} n'est pas dans le journal scellé")
    if leaf["commitment"] is not None:
        content = canonical("aboutir.content.1", *said_by(line, line["event"].encode()))
        if hmac.digest(of_case, content, "sha256").hex() != leaf["commitment"]:
            raise Wrong(f"la ligne {line['version']} ne dit pas ce qui a été scellé")


# --- The other record ------------------------------------------------------------------------------------


def committed(history: Said) -> Iterator[Said]:
    """The lines of the book as the engine's history has them."""
    ordinary: set[str] = set()
    for event in history["events"]:
        answer = None
        if marker := event.get("markerRecordedEventAttributes"):
            if marker["markerName"] == "core_local_activity" and "result" in marker["details"]:
                data = json.loads(base64.b64decode(marker["details"]["data"]["payloads"][0]["data"]))
                answer = marker["details"]["result"] if data["activity_type"] == "commit" else None
        elif scheduled := event.get("activityTaskScheduledEventAttributes"):
            if scheduled["activityType"]["name"] == "commit":
                ordinary.add(event["eventId"])
        elif completed := event.get("activityTaskCompletedEventAttributes"):
            answer = completed["result"] if completed["scheduledEventId"] in ordinary else None
        if answer is not None:
            yield from json.loads(base64.b64decode(answer["payloads"][0]["data"]))["entries"]


def check_histories(lines: list[Said], histories: list[Said]) -> int:
    """Every line that a history tells is the book's, and every line of the book is told by one."""
    versions: set[int] = set()
    for entry in (entry for history in histories for entry in committed(history)):
        version = entry["version"]
        if not 1 <= version <= len(lines):
            raise Wrong(f"une histoire du moteur a un événement {version} que le livre n'a pas")
        if not is_same(entry, lines[version - 1]):
            raise Wrong(f"le livre et le moteur ne disent pas la même chose de la ligne {version}")
        versions.add(version)
    return len(versions)


def is_same(entry: Said, line: Said) -> bool:
    """True if a history and the book tell the same line."""
    actor = entry["actor"]
    return bool(
        entry["command_id"] == line["command_id"]
        and all(actor.get(name) == line[name] for name in ("account", "role", "organisation", "metropolis"))
        and entry.get("door", "local") == (line.get("door") or "local")
        and entry["event"] == json.loads(line["event"])
    )


# --- The bundle ------------------------------------------------------------------------------------------


def read(path: str) -> tuple[dict[str, bytes], Said]:
    """Every file of the bundle. Raises Wrong unless it is what its manifest lists."""
    with zipfile.ZipFile(path) as bundle:
        names = bundle.namelist()
        if len(names) != len(set(names)):
            raise Wrong("deux fichiers du dossier portent le même nom")
        files = {name: bundle.read(name) for name in names}
    manifest = json.loads(files["manifest.json"])
    if manifest["format"] != FORMAT:
        raise Wrong("ce n'est pas un dossier d'audit d'un format connu")
    if set(files) - UNLISTED != set(manifest["files"]):
        raise Wrong("les fichiers ne sont pas ceux du manifeste")
    for name, digest in manifest["files"].items():
        if hashlib.sha256(files[name]).hexdigest() != digest:
            raise Wrong(f"le fichier {name} a été modifié")
    return files, manifest


def verify(path: str, key_text: str | None = None, witnesses: Sequence[str] = ()) -> list[str]:
    """Tells what the bundle proves, in French. Raises Wrong, or whatever reading nonsense raises."""
    files, manifest = read(path)
    key = public_key(key_text or files["key.txt"].decode())
    text = opened(files["manifest.note"].decode(), key).split("\n")
    digest = hashlib.sha256(files["manifest.json"]).hexdigest()
    if text[:3] != [key[0], FORMAT, digest]:
        raise Wrong("le manifeste n'est pas celui qui a été signé")
    lines = [json.loads(line) for line in files["entries.jsonl"].decode().splitlines()]
    check_chain(manifest["reference"], lines)
    roots, sealed = check_log(lines, json.loads(files["log.json"]), key, bytes.fromhex(manifest["commitment_key"]))
    for witness in witnesses:
        size, root = checkpoint(Path(witness).read_text(encoding="utf-8"), key)
        if size in roots and roots[size] != root:
            raise Wrong(f"le témoin a vu un autre journal de {size} lignes")
        if size not in roots:
            print(f"Le point de contrôle {witness} ({size} lignes) n'est pas dans ce dossier : rien n'en est dit.")
    histories = [json.loads(files[name]) for name in sorted(files) if name.startswith("histories/")]
    confirmed = check_histories(lines, histories)
    bare = sum(leaf["commitment"] is None for leaf in json.loads(files["log.json"])["inclusion"])
    without = [f"{bare} lignes scellées sans leur clé : rien ne montre qu'elles disent ce qu'elles disaient alors."]
    return [
        f"Dossier {manifest['reference']} : {len(lines)} lignes, qui se suivent.",
        f"{sealed} lignes scellées dans le journal ; {len(roots)} points de contrôle signés et cohérents.",
        *(without if bare else []),
        *([READABLE] if "histoire.pdf" in files else []),
        f"{confirmed} lignes confirmées par {len(histories)} histoires du moteur.",
        f"Signé par {key[0]}+{key[1].hex()}"
        + ("." if key_text else " (clé du dossier : comparez-la à celle que vous tenez d'ailleurs)."),
    ]


def main() -> int:
    """Says what holds, or the first thing that does not."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("bundle")
    parser.add_argument("--key")
    parser.add_argument("--witness", action="append", default=[])
    arguments = parser.parse_args()
    try:
        proved = verify(arguments.bundle, arguments.key, arguments.witness)
    except Wrong as wrong:
        print(f"NE SE TIENT PAS : {wrong}.")
        return 5
    except OSError as error:
        print(f"Illisible : {error.strerror or error}.")
        return 2
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, zipfile.BadZipFile) as error:
        print(f"NE SE TIENT PAS : le dossier est mal formé ({type(error).__name__}).")
        return 5
    print("\n".join(["TOUT SE TIENT.", *proved]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
