"""Comparing and editing archives of named arrays."""
