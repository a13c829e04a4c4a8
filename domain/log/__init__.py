"""A log that others can check: the chain of a history, the Merkle tree over all lines, signed checkpoints."""
