"""Sessions of anybody, requests that no client would send, and a tally of tries and successes by kind."""

import json
import uuid
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import httpx2

from counter.protocol import JSON, STREAM, path_of
from tests.support.starter import Folder


@dataclass(frozen=True)
class Said:
    """What came back: the status, the code of a problem, and everything that was told."""

    status: int
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)

    @property
    def code(self) -> str:
        """The code of the problem; "" for an answer."""
        return "" if self.status < 400 else str(self.json.get("code"))


@dataclass
class Tally:
    """Tries by kind, and those that succeeded, each in words."""

    tries: Counter[str] = field(default_factory=Counter)
    won: list[tuple[str, str]] = field(default_factory=list)

    def note(self, kind: str, *, won: bool, what: str) -> None:
        """Notes a try, and what it gave if it gave anything."""
        self.tries[kind] += 1
        if won:
            self.won.append((kind, what[:400]))

    def __str__(self) -> str:
        wins = Counter(kind for kind, _ in self.won)
        rows = [f"{kind:<60}{tries:>6} tries{wins[kind]:>4} successes" for kind, tries in sorted(self.tries.items())]
        return "\n".join([*rows, f"{'in all':<60}{self.tries.total():>6} tries{len(self.won):>4} successes"])


class Ground:
    """A real embedded stack, with a token for whoever is named."""

    def __init__(self, folder: Folder, socket: Path, web: str) -> None:
        self.folder, self.socket, self.web, self.tally = folder, socket, web, Tally()
        self._tokens: dict[str, str] = {}
        self._client = httpx2.Client(
            transport=httpx2.HTTPTransport(uds=str(socket)), base_url="http://desk", timeout=60
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def token(self, account: str) -> str:
        """The token of a session of this account."""
        if account not in self._tokens:
            self._tokens[account] = self.sign_in(account)
        return self._tokens[account]

    def sign_in(self, account: str) -> str:
        """The token of another session of this account."""
        link = str(self.folder.ask("link", account)["address"]).rpartition("/")[2]
        return str(self.ask(None, "signin.invitations.sign_in_by_link", token=link).json["token"])

    def ask(self, token: str | None, service: str, /, **fields: Any) -> Said:
        """Asks a service with a token, in any form."""
        return self.post(token, service, json.dumps(fields).encode())

    def post(self, token: str | None, service: str, content: bytes, headers: Mapping[str, str] | None = None) -> Said:
        """Sends these bytes to a service."""
        given = {"Content-Type": JSON, "Accept-Language": "en"} | dict(headers or {})
        if token is not None:
            given["Authorization"] = f"Bearer {token}"
        answer = self._client.post(path_of(service), content=content, headers=given)
        return Said(answer.status_code, answer.content.decode(errors="replace"))

    def send(self, token: str, fields: Mapping[str, Any], content: bytes) -> Said:
        """Attaches a file, with any head."""
        head = json.dumps(fields).encode() + b"\n"
        return self.post(token, "attaching.attach_file", head + content, {"Content-Type": STREAM})

    def submit(
        self, token: str, reference: str, /, *, id: str | None = None, version: Any = None, **command: Any
    ) -> Said:
        """Submits a command; its kind is one of its fields."""
        fields = {"reference": reference, "command": command, "command_id": id or str(uuid.uuid4())}
        return self.ask(token, "submitting.submit_command", **fields, expected_version=version)

    def open(self, account: str, complaint: Mapping[str, Any], *, id: str | None = None, **more: Any) -> Said:
        """Opens a case in the name of an account."""
        command_id = id or str(uuid.uuid4())
        return self.ask(self.token(account), "opening.open_case", complaint=complaint, command_id=command_id, **more)

    def version(self, reference: str) -> int:
        """How far the book is in a case."""
        return self.folder.versions()[reference]
