"""Names of places, grounds, pieces, levers and time limits.

Most are in the reference data, which a command line that names none of them does not wait for: it is imported late.
"""

from words.speech import Speech


class Names(Speech):
    """Names what a case is made of."""

    def place(self, commune: str | None, neighbourhood: str | None, metropolis: str | None) -> str:
        """A place: the neighbourhood and the commune where they are known, else the metropolis."""
        from domain.reference import territories

        names = [territories()[code].name for code in (neighbourhood, commune) if code]
        return ", ".join(names) or (metropolis or "")

    def language_name(self, code: str) -> str:
        """A language, by its code (ISO 639); the code where it has no name here."""
        from babel import Locale

        return str(Locale(self.language).languages.get(code, code))

    def criterion(self, code: str) -> str:
        """A ground of discrimination."""
        from domain.reference import criteria

        row = criteria()[code]
        return self._choose(row.label_fr, row.label_en)

    def piece(self, code: str, own: str | None) -> str:
        """A piece: `own` is the name that somebody gave it, if it is none of the catalogue."""
        from domain.reference import evidence

        if own is not None:
            return own
        row = evidence()[code]
        return self._choose(row.label_fr, row.label_en)

    def lever(self, code: str) -> str:
        """A lever; what somebody wrote in its place stays as it is."""
        from domain.reference import levers

        row = levers().get(code)
        return code if row is None else self._choose(row.label_fr, row.label_en)

    def limit(self, code: str) -> str:
        """A time limit of the law: the act that it is for. A row that left the table keeps its code."""
        from domain.reference import limitation_periods

        row = limitation_periods().get(code)
        return code if row is None else self._choose(row.action, row.action_en)

    def limit_body(self, code: str) -> str:
        """The court or body before which the act of a time limit is done."""
        from domain.reference import limitation_periods

        row = limitation_periods()[code]
        return self._choose(row.body, row.body_en)
