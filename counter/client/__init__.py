"""The client of the desk's process: for pages, and the interface for programs. It holds no key, engine or database."""
