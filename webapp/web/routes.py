"""Every screen's blueprint."""

from flask import Flask

from webapp.web import (
    board,
    clients,
    contacts,
    contracts,
    deals,
    engagements,
    exports,
    handoffs,
    heads,
    health,
    home,
    imports,
    interactions,
    invoices,
    letter_texts,
    letter_writing,
    letters,
    links,
    login,
    products,
    profile,
    promises,
    proposals,
    queue,
    roles,
    settings,
    setup,
    stages,
    tasks,
    users,
)

SCREENS = (
    board,
    clients,
    contacts,
    contracts,
    deals,
    engagements,
    exports,
    handoffs,
    heads,
    health,
    home,
    imports,
    interactions,
    invoices,
    letter_texts,
    letter_writing,
    letters,
    links,
    login,
    products,
    profile,
    promises,
    proposals,
    queue,
    roles,
    settings,
    setup,
    stages,
    tasks,
    users,
)


def register(app: Flask) -> None:
    for screen in SCREENS:
        app.register_blueprint(screen.bp)
