"""The starting points of time limits: the latest and the earliest day from which a period can be counted, and why.

Each function gives the starting points of one kind, from what a complaint tells: one for most, several where each of
the person's own steps starts a period, none where there was no such step.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from domain.counting import Period, Sentence, in_words
from domain.law.situation import Situation
from domain.reference import limitation_periods
from domain.vocabulary import PriorStepKind

REQUESTS = (PriorStepKind.WRITTEN_COMPLAINT, PriorStepKind.ADMINISTRATIVE_APPEAL)
"""The person's own steps to which the silence of an administration is an answer."""


@dataclass(frozen=True)
class Start:
    """From when a period is counted: the latest and the earliest that can be argued. Both or neither."""

    latest: date | None = None
    earliest: date | None = None
    assumed: Sentence | None = None
    words: tuple[Sentence, ...] = ()
    worst: date | None = None

    @classmethod
    def on(cls, day: date, *words: Sentence, assumed: Sentence | None = None, worst: date | None = None) -> Start:
        """One and the same day, in law and prudently."""
        return cls(day, day, assumed, words, worst)


def _not_known(situation: Situation) -> Start:
    return Start(
        words=(
            in_words("The starting point is not known: the first day of the facts is not recorded."),
            in_words(
                "It is no later than {received}, the day the complaint was received: the period may be over already, "
                "and no date can be promised.",
                received=situation.received,
            ),
        )
    )


def _lasting(situation: Situation, first: date, last: date, *words: Sentence, assumed: Sentence | None = None) -> Start:
    """From the first day to the last, when the facts lasted: the two ends of what can be argued."""
    if last > first:
        lasted = (
            in_words("On {day} the facts were still going on: that day stands for the last one.", day=last)
            if situation.ongoing
            else in_words("The facts lasted until {day}.", day=last)
        )
        words = (*words, lasted)
        assumed = assumed or in_words(
            "The facts lasted: each may have its own period, and the prudent date is that of the first."
        )
    return Start(max(first, last), first, assumed, words)


def revelation(situation: Situation) -> Iterator[Start]:
    """The day on which the person knew (C. trav. L1134-5, CGFP L131-13, C. civ. 2224)."""
    first, revealed = situation.first, situation.revealed
    if revealed is not None:
        worst = first if first is not None and first < revealed else None
        words = [in_words("It starts on {day}, when the discrimination came to light.", day=revealed)]
        last = situation.last or revealed
        if last > revealed:
            words.append(
                in_words(
                    "The facts went on until {day}: it can be argued that nothing ran before "
                    "(Cass. soc. 31 March 2021, no. 19-22.557); the prudent date does not rely on it.",
                    day=last,
                )
            )
        yield Start(max(last, revealed), revealed, None, tuple(words), worst)
    elif first is not None:
        yield _lasting(
            situation,
            first,
            situation.last or first,
            assumed=in_words(
                "The day on which the discrimination came to light is not recorded: the first day of the facts, "
                "{day}, stands for it; it cannot be earlier.",
                day=first,
            ),
        )
    else:
        yield _not_known(situation)


def commission(situation: Situation) -> Iterator[Start]:
    """The day on which the offence was committed (CPP 8); for harassment alone, the last act."""
    first, last = situation.first, situation.last
    if situation.only_harassed and last is not None and not situation.ongoing:
        worst = first if first is not None and first < last else None
        yield Start.on(last, in_words("Harassment is counted from its last act, {day}.", day=last), worst=worst)
    elif first is not None:
        words = in_words("It starts on {day}, when the offence was committed.", day=first)
        yield _lasting(situation, first, last or first, words)
    else:
        yield _not_known(situation)


def utterance(situation: Situation) -> Iterator[Start]:
    """The day of the words: each utterance has a period of its own, which a publication that stays does not renew."""
    if situation.first is None:
        yield _not_known(situation)
        return
    first, last = situation.first, situation.last or situation.first
    if last <= first:
        yield Start.on(first, in_words("It starts on {day}, when the words were said or first published.", day=first))
        return
    yield Start(
        last,
        first,
        in_words("The words lasted or came again: prudently the period is that of the first."),
        (
            in_words(
                "Each new utterance is an offence with a period of its own: that of the last is counted from {day}.",
                day=last,
            ),
            in_words(
                "One and the same publication is counted from its first day, {day}: that it stays readable starts "
                "nothing again.",
                day=first,
            ),
        ),
    )


def notification(situation: Situation) -> Iterator[Start]:
    """The day on which a decision was notified: no complaint records it, so the facts stand for it."""
    if situation.first is None:
        yield _not_known(situation)
    else:
        yield _lasting(
            situation,
            situation.first,
            situation.last or situation.first,
            assumed=in_words(
                "No notification is recorded: the first day of the facts, {day}, stands for it.", day=situation.first
            ),
        )


def debt(situation: Situation) -> Iterator[Start]:
    """The year in which the right to be paid was acquired; later if the person could not know (loi 68-1250 art. 3)."""
    if situation.first is None:
        yield _not_known(situation)
    else:
        latest = max(situation.first, situation.last or situation.first, situation.revealed or situation.first)
        if latest == situation.first:
            yield Start.on(latest)
        else:
            words = in_words(
                "It can be argued that the debt was not known before {day} (loi 68-1250 art. 3).", day=latest
            )
            assumed = in_words(
                "The year in which the right was acquired is open to argument: prudently, that of the first day."
            )
            yield Start(latest, situation.first, assumed, (words,))


def recording(situation: Situation) -> Iterator[Start]:
    """The day of the pictures: the facts themselves, from day 0."""
    first, last = situation.first, situation.last
    if first is not None:
        words = in_words("Pictures of {day} are kept from that day.", day=first)
        yield _lasting(situation, first, last or first, words)
    elif last is not None:
        assumed = in_words(
            "The first day of the facts is not recorded: pictures of days before {day} go sooner.", day=last
        )
        yield Start.on(last, assumed=assumed)
    else:
        yield _not_known(situation)


def received_that_day(day: date) -> Sentence:
    return in_words(
        "The day on which the request was received is not recorded: the day it was sent, {day}, stands for it.", day=day
    )


def care_authority(day: date) -> Sentence:
    return in_words(
        "It is taken that the authority seized on {day} was the health insurance fund or the professional order.",
        day=day,
    )


def steps_of(
    *kinds: PriorStepKind, unanswered: bool = False, assumed: Callable[[date], Sentence | None] = lambda _: None
) -> Callable[[Situation], Iterator[Start]]:
    """The days of the person's own steps of these kinds, one clock for each."""

    def starts(situation: Situation) -> Iterator[Start]:
        for day in situation.steps(*kinds, unanswered=unanswered):
            yield _undated_step() if day is None else Start.on(day, assumed=assumed(day))

    return starts


def _undated_step() -> Start:
    return Start(words=(in_words("The day of the person's own step is not recorded: no date can be promised."),))


def implied_refusal(situation: Situation) -> Iterator[Start]:
    """The day on which silence became a refusal: two months after the request (CRPA L231-4)."""
    silence = limitation_periods()["ADM_SILENCE"].period or Period(months=2)
    for day in situation.steps(*REQUESTS, unanswered=True):
        if day is None:
            yield _undated_step()
        else:
            born = silence.after(day)
            words = in_words(
                "Asked on {day}: silence became a refusal on {born}, two months later (CRPA L231-4).",
                day=day,
                born=born,
            )
            yield Start.on(born, words, assumed=received_that_day(day))


def social_refusal(situation: Situation) -> Iterator[Start]:
    """The refusal of the commission de recours amiable: two months of silence (CSS R142-6), or an answer."""
    silence = limitation_periods()["SECU_CRA_SILENCE"].period or Period(months=2)
    unanswered = situation.steps(PriorStepKind.ADMINISTRATIVE_APPEAL, unanswered=True)
    for day in situation.steps(PriorStepKind.ADMINISTRATIVE_APPEAL):
        if day is None:
            yield _undated_step()
        elif day in unanswered:
            born = silence.after(day)
            words = in_words(
                "Asked on {day}: silence became a refusal on {born}, two months later (CSS R142-6).", day=day, born=born
            )
            yield Start.on(born, words, assumed=received_that_day(day))
        else:
            yield Start.on(
                day,
                assumed=in_words(
                    "The day on which the answer was notified is not recorded: the day of the appeal, {day}, stands "
                    "for it; it cannot be earlier.",
                    day=day,
                ),
            )


def anytime(situation: Situation) -> Iterator[Start]:
    words = [
        in_words(
            "The Defender of Rights may be seized at any time; that interrupts and suspends none of the other "
            "periods by itself (LO 2011-333 art. 6 al. 3)."
        ),
        in_words(
            "Whether an amicable settlement before him leaves more time is not known: no text that does so in France "
            "was found (directive 2024/1499 art. 7, due 19 June 2026). No effect is counted."
        ),
    ]
    if situation.police:
        words.append(
            in_words(
                "He also sees to it that those who ensure public safety keep to their rules of conduct "
                "(LO 2011-333 art. 4): that is a ground of its own for seizing him."
            )
        )
    yield Start(words=tuple(words))


def majority(situation: Situation) -> Iterator[Start]:
    words = [in_words("The person was a minor: civil periods do not run against a minor (C. civ. 2235).")]
    if situation.majority is None:
        words.append(
            in_words(
                "The date of birth is not recorded: the day of majority cannot be computed. Prudent dates leave this "
                "out, and there is no legal one."
            )
        )
    else:
        words.append(
            in_words(
                "The person is of age on {day}: legal dates count from there, prudent ones leave this out.",
                day=situation.majority,
            )
        )
    words.append(in_words("It does not move the two months of an administrative appeal, nor criminal periods."))
    yield Start(words=tuple(words))
