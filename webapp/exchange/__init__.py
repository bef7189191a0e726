"""Formats that come in and go out. Knows no Flask."""
