"""Reads: one module per screen, ``(session, actor, filters) -> frozen rows``, a fixed number of statements each."""
