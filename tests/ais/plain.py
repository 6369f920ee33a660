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


def ship_verdicts(
    fixes: list[tuple[int, int, int]],
    *,
    limit_kn: float,
    slack_nm: float,
    radius_nm: float,
    window: int,
    shared_from: int,
) -> list[int]:
    """Judge the fixes (t_s, lat_e5, lon_e5) of one ship, sorted."""

    def reaches(j: int, i: int) -> bool:
        seconds = fixes[i][0] - fixes[j][0]
        return seconds > 0 and (great_circle_nm(fixes[j], fixes[i], radius_nm) - slack_nm) * 3600 <= limit_kn * seconds

    twice = {i for i in range(1, len(fixes)) if fixes[i] == fixes[i - 1]}
    ways: list[list[int]] = []  # the longest way to each fix; of equals the one by the later fix
    for i in range(len(fixes)):
        stems = [ways[j] for j in range(max(0, i - window), i) if j not in twice and i not in twice and reaches(j, i)]
        ways.append([] if i in twice else [*max(reversed(stems), key=len, default=[]), i])
    kept = set(max(ways, key=len))
    beside = {
        i
        for i, fix in enumerate(fixes)
        if i not in kept
        and any(fixes[k][0] == fix[0] and great_circle_nm(fixes[k], fix, radius_nm) <= slack_nm for k in kept)
    }
    lost = set(range(len(fixes))) - kept - beside - twice
    name = SHARED if len(lost) >= shared_from else TELEPORT
    return [
        DUPLICATE if i in twice else KEPT if i in kept else SAME_TIME if i in beside else name
        for i in range(len(fixes))
    ]
