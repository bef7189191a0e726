"""The words of letters as they come with Baton, by kind and language. A company writes its own in the settings."""

from webapp.domain.letter_shipped_money import MONEY

SHIPPED: dict[tuple[str, str], tuple[str, str]] = MONEY | {
    ("proposal", "ru"): (
        "Коммерческое предложение {number}: {title}",
        """Здравствуйте, {contact}!

Направляем коммерческое предложение {number} «{title}». Оно действует до {until} и приложено к письму в формате PDF.

Прочитать его с телефона, задать вопрос и принять можно на странице: {link}

Готовы ответить на ваши вопросы.

С уважением,
{author}
{company}
""",
    ),
    ("proposal", "en"): (
        "Proposal {number}: {title}",
        """Dear {contact},

Please find attached our proposal {number}, “{title}”. It is valid until {until}.

Read it on your phone, ask a question, or accept it here: {link}

We will gladly answer your questions.

Kind regards,
{author}
{company}
""",
    ),
    ("alarm", "ru"): (
        "Атака конкурента: {client} – {competitor}",
        """{contact}, клиента {client} уводит конкурент: {competitor}.

{evidence}

Клиента нужно посетить лично до: {due}.
{link}

Сигнал подал(а) {author}: ответ на это письмо придёт ему (ей).
""",
    ),
    ("alarm", "en"): (
        "A competitor is after {client}: {competitor}",
        """{contact}, {competitor} is after our client {client}.

{evidence}

Visit the client in person by {due}.
{link}

{author} raised the alarm, and gets the answer to this letter.
""",
    ),
    ("asked", "ru"): (
        "{client}: вопрос по предложению {number}",
        """Клиент {client} задал вопрос по коммерческому предложению {number} «{title}».

{who}:
{words}

Ответьте клиенту сегодня: задача уже стоит в Baton.
""",
    ),
    ("asked", "en"): (
        "{client}: a question about proposal {number}",
        """{client} asks about proposal {number}, “{title}”.

{who}:
{words}

Please answer today: the task stands in Baton already.
""",
    ),
    ("accepted", "ru"): (
        "{client}: предложение {number} принято",
        """Клиент {client} принял коммерческое предложение {number} «{title}».

Принял(а): {who}
{words}

Сделка выиграна, договоры заведены. Поблагодарите клиента и договоритесь о начале.
""",
    ),
    ("accepted", "en"): (
        "{client}: proposal {number} is accepted",
        """{client} accepted proposal {number}, “{title}”.

Accepted by: {who}
{words}

The deal is won and its contracts are concluded. Thank the client and agree on the start.
""",
    ),
    ("declined", "ru"): (
        "{client}: предложение {number} отклонено",
        """Клиент {client} отклонил коммерческое предложение {number} «{title}».

{who}:
{words}

Узнайте, что подошло бы клиенту: сделка остаётся открытой.
""",
    ),
    ("declined", "en"): (
        "{client}: proposal {number} is declined",
        """{client} declined proposal {number}, “{title}”.

{who}:
{words}

Find out what would suit the client: the deal stays open.
""",
    ),
    ("launch", "ru"): (
        "{product}: коротко о новом",
        """Здравствуйте, {contact}!

У нас появилось новое: {product}.

{message}

Если это вам интересно или, наоборот, не нужно, скажите об этом одним нажатием: {link}

С уважением,
{author}
{company}

Не присылать писем о новинках: {unsubscribe}
""",
    ),
    ("launch", "en"): (
        "{product}: what is new",
        """Dear {contact},

We have something new: {product}.

{message}

Interested, or not at all? Tell us with one click: {link}

Kind regards,
{author}
{company}

No more e-mails about new products: {unsubscribe}
""",
    ),
}
