"""What a password must be. Length matters most; what everybody tries first is refused."""

from webapp.domain.errors import Refused
from webapp.domain.words import N_

SHORTEST, LONGEST = 10, 200
FEWEST_LETTERS = 5
"""Different characters in it, at least."""

COMMON = frozenset(
    """1q2w3e4r5t 1qaz2wsx3edc qwertyuiop qwerty12345 qwerty123456 password12 password123 password1234 passw0rd123
    1234567890 0987654321 12345678910 123456789a a123456789 1234567890q q1w2e3r4t5 iloveyou12 iloveyou123 letmein123
    welcome123 welcome1234 admin12345 administrator changeme123 football123 baseball123 superman123 sunshine123
    princess123 dragon12345 monkey12345 master12345 trustno1234 abcdefghij abcdef1234 abcd123456 asdfghjkl1
    asdfghjkl123 zxcvbnm123 zaq12wsxcde3 йцукенгшщз йцукенгшщзхъ фывапролджэ ячсмитьбю1 пароль12345 пароль1234
    пароль123456 привет12345 любовь12345 наташа12345 qazwsxedcrfv 1111122222 1122334455 112233445566 123123123123
    qwe123qwe123 q1w2e3r4t5y6 secret12345 startrek123 whatever123 computer123 internet123 samsung1234 google12345
    spartak1922 zenit123456 moskva12345 russia12345 privet12345 parol12345 parol123456 natasha12345""".split()
)
"""Of the lists of stolen passwords, those of ten letters and more that come first."""


def check_password(password: str, *of_the_user: str) -> None:
    """Refuse a password that is easily guessed. ``of_the_user``: name and e-mail, which it must not consist of."""
    plain = password.casefold()
    if len(password) < SHORTEST:
        raise Refused(
            N_("At least %(count)s characters, please: a few words are easy to keep"), field="password", count=SHORTEST
        )
    if len(password) > LONGEST:
        raise Refused(N_("At most %(count)s characters, please"), field="password", count=LONGEST)
    if plain in COMMON or len(set(plain)) < FEWEST_LETTERS:
        raise Refused(
            N_("This password is among the first that are tried. Take a few words that belong to you."),
            field="password",
        )
    if any(len(part) > 3 and part in plain and len(plain) - len(part) < FEWEST_LETTERS for part in parts(of_the_user)):
        raise Refused(N_("A password must not be your name or e-mail"), field="password")


def parts(words: tuple[str, ...]) -> list[str]:
    """Names and addresses, whole and in pieces."""
    whole = [word.casefold() for word in words]
    return [*whole, *(piece for word in whole for piece in word.replace("@", " ").replace(".", " ").split())]
