"""What can be chosen in the fields of a form: from closed lists, from reference data, from the parts of the case."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from desk.views.case import CaseView
from domain.capabilities import MAY_ASK
from domain.law.grounds import GROUNDS
from domain.reference import criteria, levers, limitation_periods, territories
from domain.reference.places import is_neighbourhood
from domain.vocabulary import Audience, ConsentScope
from web.forms.fields import Field, Option
from web.forms.labels import ACTS
from words import Words


def filled(fields: Iterable[Field], words: Words, case: CaseView | None = None) -> list[Field]:
    """The fields with what can be chosen in each, on this case if there is one yet."""
    return [_with_options(field, words, case) for field in fields]


def _with_options(field: Field, words: Words, case: CaseView | None) -> Field:
    if field.terms is not None:
        codes = field.codes or tuple(term.value for term in field.terms)
        return field.offering(tuple(Option(code, words.label(code, field.terms)) for code in codes))
    if (reference := _OF_REFERENCE.get(field.name)) is not None:
        return field.offering(tuple(reference(words)))
    if case is not None and (parts := _OF_CASE.get(field.name)) is not None:
        options = tuple(parts(case, words))
        return field.offering(options) if options else field
    return field


def _referrals(case: CaseView, words: Words) -> Iterable[Option]:
    return (Option(r.id, f"{r.id} · {r.partner}") for r in case.referrals)


def _filings(case: CaseView, words: Words) -> Iterable[Option]:
    return (Option(f.id, f.id) for f in case.filings)


def _requests(case: CaseView, words: Words) -> Iterable[Option]:
    return (Option(request.id, request.id) for f in case.filings for request in f.open_requests)


def _pieces(case: CaseView, words: Words) -> Iterable[Option]:
    return (Option(piece.id, words.fact(piece.name)) for piece in case.pieces)


def _files(case: CaseView, words: Words) -> Iterable[Option]:
    return (Option(file.id, f"{file.id} · {file.filename}") for file in case.files)


def _consents(case: CaseView, words: Words) -> Iterable[Option]:
    return (
        Option(c.id, " ".join(filter(None, (c.id, "·", words.label(c.given.scope, ConsentScope), c.given.recipient))))
        for c in case.consents
    )


def _alerts(case: CaseView, words: Words) -> Iterable[Option]:
    return (Option(a.key, words.awaited(a.kind, a.part, a.clock)) for a in case.standing_alerts)


def _capabilities(case: CaseView, words: Words) -> Iterable[Option]:
    return (Option(c.id, f"{c.id} · {words.label(c.audience, Audience)} {c.organisation}") for c in case.capabilities)


def _by_link(case: CaseView, words: Words) -> Iterable[Option]:
    every = sorted(set[str]().union(*MAY_ASK.values()))
    return (Option(name, words.say(ACTS[name])) for name in every)


def _entries(case: CaseView, words: Words) -> Iterable[Option]:
    return [Option(each.id, each.id) for each in case.starts] + [Option(each.id, each.id) for each in case.tolls]


def _clocks(words: Words) -> Iterable[Option]:
    return (Option(code, words.limit(code)) for code in limitation_periods())


def _criteria(words: Words) -> Iterable[Option]:
    return (Option(code, words.criterion(code)) for code in criteria())


def _levers(words: Words) -> Iterable[Option]:
    return (Option(code, words.lever(code)) for code in levers())


def _grounds(words: Words) -> Iterable[Option]:
    return (Option(str(ground), words.fact(ground)) for ground in GROUNDS)


def _communes(words: Words) -> Iterable[Option]:
    return _named(row for row in territories().values() if not is_neighbourhood(row.code))


def _neighbourhoods(words: Words) -> Iterable[Option]:
    return _named(row for row in territories().values() if is_neighbourhood(row.code))


def _named(rows: Iterable[Any]) -> Iterable[Option]:
    return sorted((Option(row.code, row.name) for row in rows), key=lambda option: option.name.casefold())


_OF_CASE: Mapping[str, Callable[[CaseView, Words], Iterable[Option]]] = {
    "referral": _referrals,
    "filing": _filings,
    "request": _requests,
    "piece": _pieces,
    "pieces": _pieces,
    "file": _files,
    "consent": _consents,
    "alert": _alerts,
    "entry": _entries,
    "capability": _capabilities,
    "commands": _by_link,
}

_OF_REFERENCE: Mapping[str, Callable[[Words], Iterable[Option]]] = {
    "clock": _clocks,
    "clocks": _clocks,
    "commune": _communes,
    "criteria": _criteria,
    "ground": _grounds,
    "lever": _levers,
    "neighbourhood": _neighbourhoods,
}
