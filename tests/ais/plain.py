"""The rules of ``sisterport.ais.kernels`` in plain Python: tracks as lists, one fix at a time."""

import math

KEPT, DUPLICATE, SAME_TIME, TELEPORT, SHARED = range(5)


def great_circle_nm(one: tuple[int, int, int], two: tuple[int, int, int], radius_nm: float) -> float:
    """Return the distance by the spherical law of cosines in vector form (not the kernel's haversine)."""
    a, b = (
        (math.cos(lat) * math.cos(lon), math.cos(lat) * math.sin(lon), math.sin(lat))
        for lat, lon in ((math.radians(f[1] / 1e5), math.radians(f[2] / 1e5)) for f in (one, two))
    )
    cross = (a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0])
    return radius_nm * math.atan2(math.hypot(*cross), sum(x * y for x, y in zip(a, b, strict=True)))


def ship_verdicts(  # noqa: PLR0912 - one pass, read from top to bottom
    fixes: list[tuple[int, int, int]],
    *,
    limit_kn: float,
    slack_nm: float,
    radius_nm: float,
    slots: int,
    shared_from: int,
) -> list[int]:
    """Judge the fixes (t_s, lat_e5, lon_e5) of one ship, sorted."""

    def speed(j: int, i: int) -> float | None:
        over = great_circle_nm(fixes[j], fixes[i], radius_nm) - slack_nm
        if over <= 0:
            return 0.0
        seconds = fixes[i][0] - fixes[j][0]
        if seconds == 0 or over * 3600 / seconds > limit_kn:
            return None
        return over * 3600 / seconds

    result: list[int | None] = [None] * len(fixes)
    open_tracks: list[dict] = []  # way: fixes from the first to the end; own: fixes opened or joined under this name
    every_way: list[list[int]] = []
    names: dict[int, int] = {}
    stands_for: dict[int, int] = {}
    for i, fix in enumerate(fixes):
        if i and fix == fixes[i - 1]:
            result[i] = DUPLICATE
            continue
        reach = [
            (v, great_circle_nm(fixes[tr["way"][-1]], fix, radius_nm), k)
            for k, tr in enumerate(open_tracks)
            if (v := speed(tr["way"][-1], i)) is not None
        ]
        if reach:
            track = open_tracks[min(reach)[2]]
            names[i] = track["name"]
            if fixes[track["way"][-1]][0] == fix[0]:
                result[i] = SAME_TIME
                stands_for[i] = track["way"][-1]
                continue
            track["way"] = [*track["way"], i]
        else:
            stems = []
            for tr in open_tracks:
                for steps in range(1, shared_from):
                    stem = tr["way"][: len(tr["way"]) - steps]
                    if stem and speed(stem[-1], i) is not None:
                        stems.append(stem)
                        break
            stem = max(stems, key=len, default=[])
            track = {"way": [*stem, i], "name": i}
            names[i] = i
            if len(open_tracks) == slots:
                oldest = min(range(slots), key=lambda k: open_tracks[k]["way"][-1])
                open_tracks[oldest] = track
            else:
                open_tracks.append(track)
        every_way.append(track["way"])
    ship = set(max(every_way, key=len))
    lost = [names[i] for i in range(len(fixes)) if result[i] is None and i not in ship]
    for i in range(len(fixes)):
        if result[i] is None and i in ship:
            result[i] = KEPT
        elif result[i] is None or (result[i] == SAME_TIME and stands_for[i] not in ship):
            result[i] = SHARED if lost.count(names[i]) >= shared_from else TELEPORT
    return [r for r in result if r is not None]
