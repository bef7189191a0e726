"""The words of letters about money as they come with Baton, by kind and language."""

MONEY: dict[tuple[str, str], tuple[str, str]] = {
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
    ("reminder_of_several", "ru"): (
        "Напоминание об оплате счетов № {numbers}",
        """Здравствуйте, {contact}!

Напоминаем, что истёк срок оплаты следующих счетов:

{list}

Всего к оплате: {sum}.

Если вы уже оплатили какие-то из них, сообщите нам, пожалуйста, дату и номер платёжного поручения. Если оплату \
задерживает что-то с нашей стороны, ответьте на это письмо. Счета приложены ещё раз.

С уважением,
{author}
{company}
""",
    ),
    ("reminder_of_several", "en"): (
        "Reminder: invoices {numbers}",
        """Dear {contact},

These invoices are past their due dates:

{list}

Still open in all: {sum}.

If you have paid some of them already, please tell us the date and the number of the payment. If something on our \
side holds the payment up, answer this letter. The invoices are attached once more.

Kind regards,
{author}
{company}
""",
    ),
    ("last_reminder_of_several", "ru"): (
        "Повторное напоминание: не оплачены счета № {numbers}",
        """Здравствуйте, {contact}!

Следующие счета не оплачены (просрочка по самому старому — {days} дн.):

{list}

Всего к оплате: {sum}.

Просим оплатить счета в течение трёх рабочих дней или назвать дату оплаты в ответ на это письмо. Если счета вызывают \
вопросы, мы готовы обсудить их сегодня.

С уважением,
{author}
{company}
""",
    ),
    ("last_reminder_of_several", "en"): (
        "Second reminder: invoices {numbers} are not paid",
        """Dear {contact},

These invoices are not paid; the oldest was due {days} days ago.

{list}

Still open in all: {sum}.

Please pay them within three working days, or answer this letter with the date of your payment. If they raise \
questions, we are ready to settle them today.

Kind regards,
{author}
{company}
""",
    ),
}
