"""The business of Baton: clients, the departments they pass through, and what each owes them.

Imports the standard library, SQLAlchemy and itself. Time is passed in as ``at=``; nothing here asks the clock.
"""
