"""What every request costs beside its own work."""

import pytest

from webapp.web.security import limiter


def test_a_form_nobody_limits_is_not_looked_up_by_the_throttle(client, monkeypatch) -> None:
    looked: list[object] = []
    monkeypatch.setattr(limiter, "identify_request", lambda: looked.append(1))

    client.get("/healthz")
    assert not looked


@pytest.mark.parametrize("path", ["/board/changes", "/profile"])
def test_a_stranger_is_asked_to_log_in_and_comes_back_to_the_page(client, cast, path) -> None:
    answer = client.get(path)

    assert (answer.status_code, answer.location) == (302, f"/login?next={path}")
