"""Texts that somebody may type, by mistake or on purpose."""

HOSTILE = (
    '#eval("1+1") #import "house.typ" #read("/etc/passwd") = Titre *gras* $x^2$ <étiquette> @renvoi `code` \\ // fin',
    '{narrative} {due} %s {{}} "]}, "x": [" </text>',
    "= Un titre qui n’en est pas un\n- une liste\n+ une autre\n/ terme: définition",
    "x" * 3_000,
    "a/b." * 500,
    "مرحبا بالعالم، قال لي لا",
    "שלום \u200fעולם\u200e",
    "👩\u200d👩\u200d👧 a crié 😀 trois fois 🇫🇷",
    "漢字かな交じり文 한국어 ไทย हिन्दी",
    "e\u0301\u0327\u0308 \u0301 zalgo h\u0336e\u0337l\u0334l\u0335o",
    "\ufeff\u00ad\u200b\u2060\u2028\u2029 rien",
    "\ue000 \uf8ff \uffff \U000e0041 \U0010fffd",
    "ligne 1\nligne 2\n\n\n\nparagraphe\n",
    "« guillemets » ' \" “ ” ‘ ’ – — … œ Œ æ ÿ Ÿ € № ½ ≤ → ✓",
    "fi ffl ﬁ ﬄ ſt",
    "https://example.org/a?b=c&d=é#f mailto:a@b.c",
)
