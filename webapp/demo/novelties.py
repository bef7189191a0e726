"""The new products of the demo company, and what is said of them: by language, the ended launch first."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Novelty:
    """A product with its launch. ``told`` are outcomes of talks; ``price`` in whole units of currency a month."""

    product: str
    family: str
    price: int
    name: str
    message: str
    leaflet: str
    told: tuple[str, ...]


NOVELTIES: dict[str, tuple[Novelty, Novelty]] = {
    "en": (
        Novelty(
            "Door access by phone",
            "Security",
            45,
            "Tell of door access",
            "Your people open the office with their phones, and you see who came and when. A lost key costs nothing "
            "any more: a phone is switched off in a minute.",
            "# The office opens with a phone\n\nNo keys, no cards: everybody has the door in their pocket.\n\n"
            "- A lost phone is switched off **in a minute**\n- You see who came, and when\n"
            "- Works with the doors that you have\n\nAsk whoever looks after you: we show it in your office.",
            (
                "Told of door access. They lose a card a month and listened closely.",
                "Spoke about door access; the keys are a nuisance to them.",
                "Showed door access on the phone. They ask what it needs on their side.",
            ),
        ),
        Novelty(
            "Mobile office",
            "Connection",
            65,
            "Tell of the mobile office",
            "A box as large as a book brings your network to wherever you work next week: a building site, a stand, "
            "a second shop. It is there in a day, and you pay by the month.",
            "# Your network, wherever you work\n\nA box as large as a book. **There in a day**, paid by the month.\n\n"
            "- Building sites, stands, a second shop\n- The same numbers and folders as in the office\n\n"
            "Call us, and try it for a week.",
            (
                "Told of the mobile office. They open a second shop in spring.",
                "Spoke about the mobile office; their foremen share one telephone today.",
                "Explained the mobile office. They want to see it work.",
            ),
        ),
    ),
    "ru": (
        Novelty(
            "Доступ по телефону",
            "Безопасность",
            2900,
            "Рассказать о доступе по телефону",
            "Сотрудники открывают офис телефоном, а вы видите, кто и когда пришёл. Потерянный ключ больше ничего не "
            "стоит: телефон отключается за минуту.",
            "# Офис открывается телефоном\n\nНи ключей, ни карт: дверь у каждого сотрудника в кармане.\n\n"
            "- Потерянный телефон отключается **за минуту**\n- Видно, кто и когда пришёл\n"
            "- Работает с вашими дверями\n\nСпросите того, кто вас ведёт: покажем у вас в офисе.",
            (
                "Рассказали о доступе по телефону. Карту теряют каждый месяц, слушали внимательно.",
                "Поговорили о доступе по телефону: ключи им надоели.",
                "Показали доступ на телефоне. Спрашивают, что нужно с их стороны.",
            ),
        ),
        Novelty(
            "Мобильный офис",
            "Связь",
            3900,
            "Рассказать о мобильном офисе",
            "Коробка размером с книгу приносит вашу сеть туда, где вы работаете на следующей неделе: на стройку, на "
            "выставку, во второй магазин. Привозим за день, оплата помесячно.",
            "# Ваша сеть там, где вы работаете\n\nКоробка размером с книгу. **Привозим за день**, оплата помесячно.\n\n"
            "- Стройка, выставка, второй магазин\n- Те же номера и папки, что в офисе\n\n"
            "Позвоните нам и попробуйте неделю.",
            (
                "Рассказали о мобильном офисе. Весной открывают второй магазин.",
                "Поговорили о мобильном офисе: у прорабов один телефон на всех.",
                "Объяснили, что такое мобильный офис. Хотят увидеть в работе.",
            ),
        ),
    ),
}
