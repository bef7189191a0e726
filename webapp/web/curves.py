"""Curves of survival as a picture: steps, their bands, a forecast, and the grid behind them."""

from collections.abc import Sequence
from typing import Any

WIDTH, HEIGHT = 480, 270
LEFT, TOP, RIGHT, BOTTOM = 64, 10, 18, 34
"""The margins hold the largest writing, that of a phone."""


def draw(groups: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """What the template's picture is made of, in its own units."""
    forecasts = [group["forecast"]["points"] for group in groups if group["forecast"]] if len(groups) == 1 else []
    months = max([group["points"][-1][0] for group in groups] + [points[-1][0] for points in forecasts])
    every = 3 if months <= 30 else 6 if months <= 60 else 12

    def x(month: float) -> float:
        return round(LEFT + month / max(months, 1) * (WIDTH - LEFT - RIGHT), 1)

    def y(share: float) -> float:
        return round(TOP + (1 - share) * (HEIGHT - TOP - BOTTOM), 1)

    def steps(points: Sequence[Sequence[float]], value: int) -> list[tuple[float, float]]:
        """A share holds until the next month: over, then down."""
        corners = [(x(points[0][0]), y(points[0][value]))]
        for point in points[1:]:
            corners += [(x(point[0]), corners[-1][1]), (x(point[0]), y(point[value]))]
        return corners

    return {
        "width": WIDTH,
        "height": HEIGHT,
        "left": LEFT,
        "right": WIDTH - RIGHT,
        "bottom": HEIGHT - BOTTOM,
        "rows": [(y(share / 100), share) for share in (0, 25, 50, 75, 100)],
        "columns": [(x(month), month) for month in range(0, months + 1, every)],
        "curves": [
            {
                "name": group["name"],
                "line": _path(steps(group["points"], 1)),
                "band": _path(steps(group["points"], 2) + steps(group["points"], 3)[::-1]) + "Z",
            }
            for group in groups
        ],
        "forecasts": [_path([(x(month), y(share)) for month, share in points]) for points in forecasts],
    }


def _path(corners: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x} {y}" for x, y in corners)
