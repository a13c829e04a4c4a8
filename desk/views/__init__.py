"""The answers that a reader is shown: frozen values, of which JSON, a terminal and a page are renderings."""
