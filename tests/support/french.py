"""French as this project would sign it: its punctuation."""

import re

NOT_FRENCH = re.compile(
    r"[^\u202f?!][;?!](?=\s|$)|[^\u00a0]:(?=\s|$)|«(?!\u00a0\S)|(?<!\S\u00a0)»|\s[\u00a0\u202f]|\w'\w"
)
"""A colon and quotation marks take a no-break space, other double signs a narrow one. Apostrophes are curly."""
