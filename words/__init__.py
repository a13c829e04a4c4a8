"""What things are called, in a language that is passed: `Words("fr").criterion("AGE")`.

Nothing here knows whose process it runs in, so that one process speaks several languages at once.
"""

from words.happenings import Happenings
from words.problems import Problems


class Words(Happenings, Problems):
    """Everything that can be said in one language. Making one costs next to nothing: catalogues are read once."""


FRENCH = Words("fr")
"""What is spoken where nobody has a say: to witnesses, who have no account, and in documents for French authorities."""
