"""Who reads for somebody who is away: their delegate or, while that one is away too, the next one in line. Pure."""

from collections.abc import Container, Mapping


def readers(account: str, away: Mapping[str, str], there: Container[str]) -> tuple[str, ...]:
    """The accounts that read what is for this one on a day: one, if anybody in the line of delegates is there.

    `away` names the delegate of each account that is absent that day, `there` holds the open accounts: a closed one is
    away. Where the line ends with nobody, or in a circle, everybody in it reads who has an open account.
    """
    line = [account]
    while line[-1] in away or line[-1] not in there:
        delegate = away.get(line[-1])
        if delegate is None or delegate in line:
            return tuple(name for name in reversed(line) if name in there)
        line.append(delegate)
    return (line[-1],)
