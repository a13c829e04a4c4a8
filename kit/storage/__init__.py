"""Databases, folders and stores of sealed bytes."""
