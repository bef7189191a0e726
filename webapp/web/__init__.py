"""The browser's side: a blueprint per screen. A view loads, allows, changes, answers."""
