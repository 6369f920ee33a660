"""Put names on a map so that none covers another: the most important first, at the first free spot."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

CHAR_PX = 5.9
"""Mean width of a letter at the label's size [px], on the safe side."""
LINE_PX = 13.0
_SPOTS = (
    (1, 0),
    (-1, 0),
    (1, -1),
    (-1, -1),
    (1, 1),
    (-1, 1),
    (0, -1),
    (0, 1),
    (2, -1),
    (-2, -1),
    (2, 1),
    (-2, 1),
    (2, -3),
    (-2, -3),
    (2, 3),
    (-2, 3),
    (4, -5),
    (-4, -5),
    (4, 5),
    (-4, 5),
    (6, 0),
    (-6, 0),
    (7, -8),
    (-7, -8),
    (7, 8),
    (-7, 8),
    (10, -3),
    (-10, -3),
    (10, 3),
    (-10, 3),
)
"""Directions and distances (in steps) that are tried in turn."""
STEP_PX = 8.0


class Box(NamedTuple):
    """A rectangle [px]."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: "Box") -> bool:
        """Return whether two boxes overlap."""
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )


class Label(NamedTuple):
    """A name, where it stands, and the point that it belongs to [px]."""

    text: str
    x: float
    y: float
    end: bool
    point_x: float
    point_y: float
    box: Box


def place(
    anchors: Iterable[tuple[str, float, float]], *, width: float, height: float, taken: Sequence[Box] = ()
) -> list[Label]:
    """Return the labels that find room.

    Parameters
    ----------
    anchors
        Name and point of each, the most important first.
    width, height
        Size of the map.
    taken
        Where nothing may stand.

    Examples
    --------
    >>> two = place([("Maher", 50.0, 50.0), ("Bayway", 52.0, 50.0)], width=300, height=200)
    >>> two[0].box.meets(two[1].box)
    False
    """
    points = list(anchors)
    occupied = [*taken, *(Box(x - 3, y - 3, x + 3, y + 3) for _, x, y in points)]
    placed = []
    for text, x, y in points:
        for step_x, step_y in _SPOTS:
            label = _at(text, x, y, step_x * STEP_PX, step_y * STEP_PX)
            inside = (
                label.box.left > 2
                and label.box.right < width - 2
                and label.box.top > 2
                and label.box.bottom < height - 2
            )
            if inside and not any(label.box.meets(box) for box in occupied):
                placed.append(label)
                occupied.append(label.box)
                break
    return placed


def _at(text: str, x: float, y: float, dx: float, dy: float) -> Label:
    wide = CHAR_PX * len(text)
    left = x + dx if dx > 0 else x + dx - wide if dx < 0 else x - wide / 2
    middle = y + dy + (0.0 if dx else (LINE_PX / 2 if dy > 0 else -LINE_PX / 2))
    box = Box(left, middle - LINE_PX / 2, left + wide, middle + LINE_PX / 2)
    end = dx < 0
    return Label(text, box.right if end else box.left, middle + 4.0, end, x, y, box)
