"""Whoever has the port of the pages tries what a browser, another site and no browser can send: nothing gives way."""

import uuid
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx2
import pytest

from tests.privacy.attacked import COLLEAGUE, HOLDER, HOLDER_AMP, NOWHERE, PARTNER, PAYLOAD, SUPERVISOR, Attacked

pytestmark = pytest.mark.proof
EVIL = "evil.example"


@pytest.fixture(autouse=True)
def _tally(attacked: Attacked) -> Iterator[None]:
    tally = attacked.start()
    yield
    print(f"\n{tally}")
    assert tally.tries.total() > 0
    assert tally.won == [], "\n".join(f"{kind}: {what[:150]}" for kind, what in tally.won)


def page(attacked: Attacked, method: str, path: str, account: str | None = None, **more: Any) -> httpx2.Response:
    """What the pages answer to a browser of this account, or to something that says what no browser does."""
    headers: dict[str, str | bytes] = {"Sec-Fetch-Site": "same-origin"}
    if account is not None:
        headers["Cookie"] = f"session={attacked.token(account)}"
    headers |= more.pop("headers", {})
    kept = {name: value for name, value in headers.items() if value != ""}
    with httpx2.Client(base_url=attacked.web, timeout=60) as client:
        return client.request(method, path, headers=kept, **more)


def note(text: str = "-") -> dict[str, str]:
    return {"text": text, "command_id": uuid.uuid4().hex}


def test_forms_of_other_sites_change_nothing(attacked: Attacked) -> None:
    form, before = f"/dossiers/{attacked.own}/actes/add_note", attacked.version(attacked.own)
    foreign: list[dict[str, str]] = [
        *(
            {"Sec-Fetch-Site": site}
            for site in ("cross-site", "same-site", "none", "Same-Origin", "same-origin,x", "x")
        ),
        *(
            {"Sec-Fetch-Site": "", "Origin": origin}
            for origin in ("null", f"https://{EVIL}", "x", "http://localhost:1")
        ),
        {"Sec-Fetch-Site": "", "Origin": f"https://{EVIL}", "X-Forwarded-Host": EVIL},
        {"Sec-Fetch-Site": "", "Origin": f"{attacked.web}.{EVIL}"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"},
        {"Sec-Fetch-Site": "cross-site", "X-HTTP-Method-Override": "GET", "Origin": attacked.web},
    ]
    for path in (
        form,
        "/accueillir",
        "/deconnexion",
        "/compte/sessions",
        "/langue",
        "/chercher",
        "/link",
        "/connexion",
    ):
        for headers in foreign:
            answer = page(attacked, "POST", path, HOLDER, headers=headers, data=note())
            attacked.tally.note("form of another site", won=answer.status_code != 403, what=f"{path} {headers}")
    for method in ("GET", "HEAD", "PUT", "DELETE", "PATCH", "TRACE", "OPTIONS"):
        answer = page(attacked, method, form + "?text=x&command_id=abcdefgh1", HOLDER)
        won = attacked.version(attacked.own) != before
        attacked.tally.note("another method", won=won, what=f"{method} {answer.status_code}")
    assert page(attacked, "GET", "/compte", HOLDER).status_code == 200, "the session is alive"


def test_the_way_back_leads_to_no_other_site(attacked: Attacked) -> None:
    for back in (
        *(f"//{EVIL}", f"/\\{EVIL}", f"/\t/{EVIL}", f"/\r/{EVIL}", f"/\n/{EVIL}", f"https://{EVIL}", f"\t//{EVIL}"),
        *(
            f"/\0/{EVIL}",
            f"\\\\{EVIL}",
            f"/./\\{EVIL}",
            f"/..//{EVIL}",
            "javascript:alert(1)",
            f" //{EVIL}",
            f"/ /{EVIL}",
        ),
    ):
        answer = page(attacked, "POST", "/langue", data={"langue": "fr", "retour": back})
        leads = landing(attacked.web, answer.headers["location"])
        attacked.tally.note("open redirect", won=EVIL in leads, what=f"{back!r} {leads}")
        shown = Attributes(page(attacked, "GET", "/connexion", params={"retour": back}).text).of(
            "input", "name", "retour"
        )
        leads = landing(attacked.web, shown.get("value") or "")
        attacked.tally.note("open redirect by a passkey", won=EVIL in leads, what=f"{back!r} {leads}")
    for path in ("/dossiers/", "/compte/", f"//{EVIL}/", f"//{EVIL}/dossiers/", "/connexion/", f"/\\{EVIL}/dossiers/"):
        answer = page(attacked, "GET", path, HOLDER, headers={"Host": EVIL, "X-Forwarded-Host": EVIL})
        leads = landing(attacked.web, answer.headers.get("location", ""))
        attacked.tally.note("invented host", won=EVIL in leads, what=f"{path} {leads}")


def landing(base: str, address: str) -> str:
    """The host that a browser is led to, as it reads an address: without tabs and ends of lines, with / for \\."""
    read = address.strip("".join(map(chr, range(33)))).translate({9: None, 10: None, 13: None}).replace("\\", "/")
    return urlsplit(urljoin(base, read)).netloc


class Attributes(HTMLParser):
    """The tags of a page as a browser reads them, with their attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def of(self, tag: str, name: str, value: str) -> dict[str, str | None]:
        """The attributes of the first of these tags that has this one."""
        return next((given for each, given in self.tags if each == tag and given.get(name) == value), {})

    @property
    def runs(self) -> list[str]:
        """What a browser would run, or fetch, that is none of ours."""
        return [
            f"{tag} {given}"
            for tag, given in self.tags
            if any(name.startswith("on") for name in given)
            or (tag == "script" and not (given.get("src") or "").startswith("/static/"))
            or (tag == "img" and given.get("src") == "x")
            or any((given.get(name) or "").lower().startswith("javascript:") for name in ("href", "action", "src"))
        ]


def test_what_somebody_wrote_is_shown_and_never_run(attacked: Attacked) -> None:
    case = f"/dossiers/{attacked.own}"
    sent = page(attacked, "POST", f"{case}/actes/add_note", HOLDER, data=note(PAYLOAD))
    assert sent.status_code == 303
    offered = ("add_note", "amend_complaint", "record_contact", "restrict", "withdraw_referral", "close", "qualify")
    pages = [case, "/", "/dossiers", "/alertes", "/alertes?toutes=1", "/compte", "/accueillir"]
    pages += [f"{case}/actes/{name}" for name in offered]
    quoted = PAYLOAD.replace("&", "%26").replace("#", "%23").replace("{", "%7B").replace("}", "%7D").replace("$", "%24")
    pages += [
        f"{where}{quoted}"
        for where in (f"{case}?fait=", "/?fait=x&dossier=", "/dossiers?etape=", "/connexion?retour=/")
    ]
    pages += [
        f"{where}{quoted}"
        for where in ("/dossiers?domaine=", "/dossiers?territoire=", "/dossiers?suivi=", "/dossiers/")
    ]
    pages += [
        f"{case}/actes/add_note?text={quoted}",
        f"{case}/actes/{quoted}",
        f"/invitation/{quoted}",
        f"/link/{quoted}",
    ]
    for path in pages:
        for account in (HOLDER, SUPERVISOR, PARTNER):
            answer = page(attacked, "GET", path, account)
            attacked.tally.note(
                "script in a page", won=bool(Attributes(answer.text).runs), what=f"{path} {answer.text}"
            )
            attacked.tally.note("template in a page", won=">49<" in answer.text or "$49" in answer.text, what=path)
            attacked.tally.note("faults", won=answer.status_code >= 500, what=f"{path} {answer.status_code}")
            policy = answer.headers.get("content-security-policy", "")
            attacked.tally.note("page without a policy", won="script-src 'self'" not in policy, what=path)
    for path, form in (
        (f"{case}/actes/record_contact", {"summary": PAYLOAD, "medium": PAYLOAD}),
        ("/accueillir", {"facts.narrative": PAYLOAD, "complainant.email": PAYLOAD, "domain": PAYLOAD}),
        ("/connexion", {"compte": PAYLOAD, "mot_de_passe": "x", "code": "123456"}),
        ("/chercher", {"quoi": PAYLOAD}),
    ):
        answer = page(attacked, "POST", path, HOLDER, data=form | {"command_id": PAYLOAD, "retour": PAYLOAD})
        attacked.tally.note(
            "script in a form shown again", won=bool(Attributes(answer.text).runs), what=f"{path} {form}"
        )


def test_fields_that_no_form_has_change_nothing(attacked: Attacked) -> None:
    invented = {
        "kind": "restrict",
        "actor": SUPERVISOR,
        "reference": attacked.south,
        "command.kind": "restrict",
        "door": "LOCAL",
        "changes.source.system": "registre",
        "changes.source.id": "1",
        "complaint.facts.narrative": "x",
        "at": "2020-01-01",
        "changes.received_at": "2020-01-01T00:00",
        "changes.domain": "SANTE",
        "__class__": "x",
        "fictitious": "",
        "version": "1",
    }
    case = f"/dossiers/{attacked.own}"
    before = attacked.ask(attacked.token(HOLDER), "case.show_case", reference=attacked.own).json["complaint"]
    written = len(_lines(attacked))
    assert page(attacked, "POST", f"{case}/actes/add_note", HOLDER, data=note() | invented).status_code == 303
    shown = page(attacked, "GET", f"{case}/actes/amend_complaint", HOLDER).text
    amended = {"reason": "Essai", "changes.expectations": "Autre", "command_id": uuid.uuid4().hex}
    page(attacked, "POST", f"{case}/actes/amend_complaint", HOLDER, data=amended | invented)
    after = attacked.ask(attacked.token(HOLDER), "case.show_case", reference=attacked.own).json["complaint"]
    for name in ("source", "received_at", "domain", "fictitious", "channel"):
        won = after.get(name) != before.get(name)
        attacked.tally.note("field that no form has", won=won, what=f"{name} {after.get(name)} {len(shown)}")
    by = {each["actor"] for each in _lines(attacked)[written:]}
    attacked.tally.note("field that no form has", won=by != {HOLDER}, what=f"lines of {sorted(by)}")


def _lines(attacked: Attacked) -> list[dict[str, str]]:
    told = attacked.ask(attacked.token(HOLDER), "case.show_history", reference=attacked.own)
    lines: list[dict[str, str]] = told.json["entries"]
    return lines


def test_cases_of_others_have_no_page_and_ids_of_others_count_for_nothing(attacked: Attacked) -> None:
    before = attacked.folder.versions()
    for account, reference in (
        *((HOLDER_AMP, attacked.own), (HOLDER_AMP, attacked.barred), (COLLEAGUE, attacked.barred)),
        *((PARTNER, attacked.barred), (HOLDER, attacked.south), (HOLDER, NOWHERE)),
    ):
        for path in ("", "/actes/add_note", "/actes/close", "/actes/restrict", "?fait=x"):
            answer = page(attacked, "GET", f"/dossiers/{reference}{path}", account)
            won = answer.status_code != 404 or bool(attacked.shows(answer.text))
            attacked.tally.note("page of a case of others", won=won, what=f"{account} {path} {answer.status_code}")
        answer = page(attacked, "POST", f"/dossiers/{reference}/actes/add_note", account, data=note())
        attacked.tally.note("form of a case of others", won=answer.status_code < 400, what=f"{account} {reference}")
        answer = page(attacked, "POST", "/chercher", account, data={"quoi": f"Lou {attacked.word}"})
        attacked.tally.note("search", won=reference in answer.text, what=answer.text)
    version = str(attacked.version(attacked.own))
    for given in ("", "0", "1", "9" * 5000, "99999999999", "-1", "²", "x", f"{version}.0", f" {version}"):
        form = {"accounts": COLLEAGUE, "reason": "-", "version": given, "command_id": uuid.uuid4().hex}
        answer = page(attacked, "POST", f"/dossiers/{attacked.own}/actes/restrict", HOLDER, data=form)
        won = not 400 <= answer.status_code < 500
        attacked.tally.note("decision on another version", won=won, what=f"{given[:20]!r} {answer.status_code}")
    attacked.tally.note("lines written", won=attacked.folder.versions() != before, what="the book has moved")


def test_headers_cookies_and_paths_that_nobody_sends(attacked: Attacked) -> None:
    cookies = (
        "é",
        '"a\\012Aboutir-Address: 192.0.2.1"',
        "a" * 6000,
        "a b",
        "",
        "Bearer x",
        "a\\r\\nX: y",
        "null",
        "é" * 99,
    )
    odd: list[dict[str, bytes]] = [{"Cookie": f"session={cookie}".encode()} for cookie in cookies]
    for name in ("User-Agent", "X-Forwarded-For", "Accept-Language", "X-Forwarded-Proto", "Referer", "Authorization"):
        odd += [{name: value.encode()} for value in ("é", PAYLOAD, "127.0.0.1", "a" * 3000, "::1%é", ",,,")]
    for headers in odd:
        answer = page(attacked, "GET", "/compte", None, headers=headers)
        won = answer.status_code == 200 or answer.status_code >= 500
        attacked.tally.note("odd header", won=won, what=f"{headers} {answer.status_code}")
    for path in (
        *("/static/abc/..%2f..%2fapp.py", "/static/../app.py", "/dossiers/%2e%2e%2fcompte", "/dossiers/%00", "/docs"),
        *(
            "/openapi.json",
            "/redoc",
            "/metrics",
            "/dossiers/..%2f..%2fetc%2fpasswd",
            "/submitting/submit_command",
            "/%ff",
        ),
        *(f"/dossiers/{attacked.own}/actes/{name}" for name in ("open", "pass_deadlines", "attach_file", "__class__")),
    ):
        answer = page(attacked, "GET", path, HOLDER)
        won = answer.status_code < 400 or answer.status_code >= 500
        attacked.tally.note("path", won=won, what=f"{path} {answer.status_code}")
    for content, kind in ((b"{}", "application/json"), (b"zz", "multipart/form-data"), (b"text=%ff%00", "text/plain")):
        answer = page(attacked, "POST", f"/dossiers/{attacked.own}/actes/add_note", HOLDER,
                      content=content, headers={"Content-Type": kind})  # fmt: skip
        attacked.tally.note("odd body", won=not 400 <= answer.status_code < 500, what=f"{kind} {answer.status_code}")
