"""The engine (Temporal): connecting, decoding, and histories as files."""
