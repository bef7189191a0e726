"""The menu on every page: whose it is, where one stands, and in which language, however many others asked before."""

from tests.support.client import soup


def menu(answer):
    return [link.get_text(strip=True) for link in soup(answer).select(".rail-list > li > .rail-link")]


def test_everybody_sees_the_places_of_the_own_role(cast, sign_in):
    seen = {
        name: menu(sign_in(getattr(cast, name)).get("/profile")) for name in ("hunter", "director", "administrator")
    }
    again = {name: menu(sign_in(getattr(cast, name)).get("/profile")) for name in seen}
    assert again == seen
    assert "Board" in seen["hunter"]
    assert "Commission" not in seen["hunter"]
    assert {"Board", "Commission", "Settings"} <= set(seen["director"])
    assert "Board" not in seen["administrator"]
    assert "Users" in seen["administrator"]


def test_the_place_where_one_stands_is_marked(cast, sign_in):
    browser = sign_in(cast.director)
    for path, name in (("/clients", "Clients"), ("/deals", "Deals"), ("/clients", "Clients")):
        here = soup(browser.get(path)).select('.rail-list > li > .rail-link[aria-current="page"]')
        assert [link.get_text(strip=True) for link in here] == [name]


def test_the_menu_speaks_the_readers_language(session, cast, sign_in):
    english = menu(sign_in(cast.director).get("/profile"))
    cast.director.language = "ru"
    session.commit()
    russian = menu(sign_in(cast.director).get("/profile"))
    assert "Board" in english
    assert "Доска" in russian
    assert len(english) == len(russian)


def test_a_stranger_has_no_menu(cast, sign_in, client):
    sign_in(cast.director).get("/login")
    assert menu(client.get("/login")) == []
