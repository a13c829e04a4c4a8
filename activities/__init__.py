"""The hands: each activity does one effect, idempotent by key. No rule in it."""
