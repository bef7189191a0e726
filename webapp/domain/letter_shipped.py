"""The words of letters as they come with Baton, by kind and language. A company writes its own in the settings."""

SHIPPED: dict[tuple[str, str], tuple[str, str]] = {
    ("invoice", "ru"): (
        "Счёт № {number} от {date}",
        """Здравствуйте, {contact}!

Направляем счёт № {number} от {date} на сумму {sum}. Просим оплатить его до {due}.

Счёт приложен к письму в формате PDF. Если с ним что-то не так, ответьте на это письмо, и мы всё исправим.

С уважением,
{author}
{company}
""",
    ),
    ("invoice", "en"): (
        "Invoice {number} of {date}",
        """Dear {contact},

Please find attached invoice {number} of {date} for {sum}. It is due on {due}.

If anything about it is not right, answer this letter and we will put it in order.

Kind regards,
{author}
{company}
""",
    ),
    ("reminder", "ru"): (
        "Напоминание об оплате счёта № {number}",
        """Здравствуйте, {contact}!

Напоминаем, что срок оплаты счёта № {number} от {date} наступил {due}, к оплате осталось {sum}.

Если вы уже оплатили счёт, сообщите нам, пожалуйста, дату и номер платёжного поручения. Если оплату задерживает \
что-то с нашей стороны, ответьте на это письмо. Счёт приложен ещё раз.

С уважением,
{author}
{company}
""",
    ),
    ("reminder", "en"): (
        "Reminder: invoice {number}",
        """Dear {contact},

Invoice {number} of {date} was due on {due}; {sum} is still open.

If you have paid it already, please tell us the date and the number of the payment. If something on our side holds \
the payment up, answer this letter. The invoice is attached once more.

Kind regards,
{author}
{company}
""",
    ),
    ("last_reminder", "ru"): (
        "Повторное напоминание: счёт № {number} не оплачен",
        """Здравствуйте, {contact}!

Счёт № {number} от {date} не оплачен, просрочка составляет {days} дн. К оплате осталось {sum}, срок наступил {due}.

Просим оплатить счёт в течение трёх рабочих дней или назвать дату оплаты в ответ на это письмо. Если счёт вызывает \
вопросы, мы готовы обсудить их сегодня.

С уважением,
{author}
{company}
""",
    ),
    ("last_reminder", "en"): (
        "Second reminder: invoice {number} is not paid",
        """Dear {contact},

Invoice {number} of {date} was due on {due}, {days} days ago, and {sum} is still open.

Please pay it within three working days, or answer this letter with the date of your payment. If the invoice raises \
questions, we are ready to settle them today.

Kind regards,
{author}
{company}
""",
    ),
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
