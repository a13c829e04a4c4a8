"""The desks in the browser: pages that ask the desk's process, and hold no key, no engine and no database."""
