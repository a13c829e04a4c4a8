"""Names and sentences in a language that is passed: `Words("fr").criterion("AGE")`.

Nothing here knows whose process it runs in, so that one process speaks several languages at once.
"""

from words.accesses import Accesses
from words.problems import Problems
from words.telling import Telling


class Words(Telling, Problems, Accesses):
    """Everything that can be said in one language. Making one costs next to nothing: catalogues are read once."""


FRENCH = Words("fr")
"""The language of those whom nobody asked: of witnesses, who have no account, and of French authorities."""
