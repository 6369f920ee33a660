"""Corridor problems drawn at random: services that differ in rotation, size, speed, tanks and age; every feature on.

The numbers are synthetic: they have the size of container services across an ocean, and prove nothing about any.
"""
# ruff: noqa: N803, N806 (sizes carry the letters of the maths)

import numpy as np

from sisterport.corridor.problem import Account, Pledge, Problem, check

FUELS = (  # name, family, g/MJ well to wake, USD/GJ in the first year, change per year
    ("VLSFO", 0, 91.6, 14.0, 0.0),
    ("bio-diesel", 0, 25.0, 32.0, -0.003),
    ("e-diesel", 0, 5.0, 60.0, -0.012),
    ("LNG", 1, 83.0, 13.0, 0.0),
    ("bio-LNG", 1, 20.0, 28.0, -0.003),
    ("bio-methanol", 2, 15.0, 34.0, -0.006),
    ("e-methanol", 2, 5.0, 52.0, -0.016),
    ("e-ammonia", 3, 6.0, 44.0, -0.014),
)
FAMILIES = ("oil", "lng", "methanol", "ammonia")
VARIANTS = (  # name, family, tank as share of a round trip, cargo kept, premium MUSD, conversion MUSD, efficiency
    ("oil", 0, 1.6, 1.0, 0.0, np.inf, 1.0),
    ("lng", 1, 0.75, 0.965, 25.0, 35.0, 0.97),
    ("methanol, small tank", 2, 0.45, 0.98, 12.0, 21.0, 0.98),
    ("methanol, large tank", 2, 0.85, 0.95, 18.0, 28.0, 0.98),
    ("ammonia", 3, 0.55, 0.93, 30.0, 40.0, 1.03),
)
RATE = 0.08
TUNING, REPORTING = range(1000, 1020), range(20)
"""Seeds: the solver was set up on the first and is reported on the second."""


def corridor(  # noqa: PLR0915 (one draw after the other)
    seed: int, *, services: int = 10, ships: int = 60, years: int = 27, ports: int = 6, speeds: int = 3
) -> Problem:
    """Return a problem of this size."""
    rng = np.random.default_rng(seed)
    S, Y, P, K, V, F, T = services, years, ports, speeds, len(VARIANTS), len(FUELS), len(FAMILIES)
    family = np.array([v[1] for v in VARIANTS])
    year = np.arange(Y)

    # rotations: from four ports to all and one of them twice; the first and a middle leg cross the ocean
    calls = [rng.permutation(P)[: rng.integers(min(3, P), P + 1)] for _ in range(S)]
    calls = [np.r_[c, c[0]] if rng.random() < 0.4 and c.size > 3 else c for c in calls]
    service = np.repeat(np.arange(S), [c.size for c in calls])
    port = np.concatenate(calls)
    count = _shares(rng, ships, S)
    fleet = count.astype(float)
    ship_days = 355.0
    sailings = rng.choice([26.0, 52.0, 52.0], S)
    # a speed option is a number of ships in the string; the middle one is the fleet there is
    needed = np.maximum(fleet[:, None] + np.arange(K) - K // 2, 1.0)
    days = needed * ship_days / sailings[:, None]
    trip = days[:, K // 2]
    in_port = np.minimum(1.2 * np.array([c.size for c in calls]), 0.35 * days[:, 0])
    pace = (trip - in_port)[:, None] / (days - in_port[:, None])  # speed against the middle option
    size = rng.uniform(0.6, 1.3, S)  # 1 is about 15,000 TEU
    ship_musd = rng.uniform(120, 200, S)
    per_day = 4.2 * size  # TJ at sea
    share = np.concatenate([_legs(rng, c.size) for c in calls])
    sea = (share * ((trip - in_port) * per_day)[service])[:, None] * (0.7 * pace**2 + 0.3 / pace)[service]
    berth = rng.uniform(0.3, 1.2, port.size) * size[service]
    waste = np.array([v[6] for v in VARIANTS])
    energy = sea[:, None, :] * waste[:, None]
    trip_tj = np.bincount(service, sea[:, K // 2] + berth, S)
    longest = np.stack(
        [energy[service == s].sum(axis=0).max(axis=1) + 1.1 * berth[service == s].sum() for s in range(S)]
    )
    tank = np.array([v[2] for v in VARIANTS]) * trip_tj[:, None] * rng.uniform(0.8, 1.25, (S, V))
    tank[:, family == 0] = np.maximum(tank, longest)[:, family == 0]
    teu = 15_000 * size[:, None] * np.array([v[3] for v in VARIANTS]) ** rng.uniform(0.5, 1.5, (S, 1))
    growth = (1 + rng.uniform(0.0, 0.0015, S))[:, None] ** year
    demand = (sailings * teu[:, 0] * rng.uniform(0.88, 0.96, S))[:, None] * growth

    ages = [np.sort(rng.integers(0, 23, n)) for n in count]
    ends = [np.unique(25 - a, return_counts=True) for a in ages]
    g_service = np.repeat(np.arange(S), [e[0].size for e in ends])
    g_end, g_ships = np.concatenate([e[0] for e in ends]), np.concatenate([e[1] for e in ends])
    G = g_service.size
    convert = np.array([v[5] for v in VARIANTS])[:, None] * size[g_service][:, None, None]
    convert = np.broadcast_to(convert, (G, V, Y)).copy()
    new = (ship_musd[:, None] + np.array([v[4] for v in VARIANTS])) * size[:, None]
    new = new[:, :, None] * _used(Y, RATE, 25)
    for cost in (convert, new):
        cost[:, :, year < 2] = np.inf
        cost[:, 4, year < 4] = np.inf
    annuity = ship_musd * size / ((1 - (1 + RATE) ** -25.0) / RATE * (1 + RATE))
    own = np.broadcast_to(
        (5.0 * size[:, None] + 0.01 * np.array([v[4] for v in VARIANTS]))[:, :, None], (S, V, Y)
    ).copy()
    charter = np.broadcast_to((rng.uniform(0.3, 0.7, S) * annuity)[:, None, None], (S, V, Y)).copy()

    total = float((sailings * trip_tj).sum())  # TJ a year
    fuel_family = np.array([f[1] for f in FUELS])
    price = np.array([f[3] * np.maximum(0.4, (1 + f[4]) ** year) for f in FUELS])[:, None, :]
    price = price * rng.uniform(0.88, 1.15, (F, P))[:, :, None] * rng.uniform(0.8, 1.2, F)[:, None, None]
    green = np.array([f[2] < 60 for f in FUELS])
    missing = (rng.random((F, P)) < 0.3) & (np.arange(F) > 0)[:, None]
    price[missing] = np.inf
    scarce = np.where(np.char.startswith([f[0] for f in FUELS], "bio"), 0.25, 1.0)
    region, supply = _supply(rng, np.where(green, scarce, 0.0), P, year, total)

    g = np.array([f[2] for f in FUELS])[:, None] * np.ones(Y)
    shore_g = rng.uniform(0.0, 120.0, P)[:, None] * np.maximum(0.2, 1 - 0.03 * year)
    connect = np.where(rng.random(port.size) < 0.8, rng.uniform(0.4, 0.95, port.size), 0.0)
    lawful = rng.random(P) < 0.4
    duty = np.where(lawful[port, None] & (year >= 4), 0.9 * connect[:, None], 0.0)
    europe = rng.random(P) < 0.35
    scope = np.where(europe[port], 1.0, 0.0) * rng.uniform(0.45, 0.6, port.size)
    return check(
        Problem(
            years=tuple(int(2026 + y) for y in year),
            services=tuple(f"service {s + 1}" for s in range(S)),
            ports=tuple(f"port {i + 1}" for i in range(P)),
            families=FAMILIES,
            fuels=tuple(f[0] for f in FUELS),
            variants=tuple(v[0] for v in VARIANTS),
            discount=(1 + RATE) ** -year.astype(float),
            call_service=service,
            call_port=port,
            days=days,
            sea_tj=energy,
            berth_tj=np.repeat(berth[:, None], V, axis=1),
            ship_days=ship_days,
            sailings_min=sailings,
            teu=teu,
            demand_teu=demand,
            variant_family=family,
            tank_tj=tank,
            pilot=np.array([0.0, 0.015, 0.05, 0.05, 0.05]),
            group_service=g_service,
            group_variant=np.zeros(G, np.int64),
            group_ships=g_ships,
            group_end=g_end,
            convert_musd=convert,
            new_musd=new,
            new_max=np.maximum(2, count // 2),
            life=np.full(V, 25),
            own_musd=own,
            charter_musd=charter,
            fuel_family=fuel_family,
            price_usd_gj=price,
            supply_region=region,
            supply_tj=supply,
            open_musd=np.broadcast_to(rng.uniform(25, 60, (P, T))[:, :, None], (P, T, Y)).copy(),
            open_run_musd=rng.uniform(0.5, 2.0, (P, T)),
            open_first=rng.integers(0, 6, (P, T)),
            shore_musd=np.broadcast_to(rng.uniform(6, 20, P)[:, None], (P, Y)).copy(),
            shore_run_musd=rng.uniform(0.1, 0.5, P),
            shore_first=rng.integers(-1, 4, P),
            connect=connect,
            shore_usd_gj=np.repeat(rng.uniform(20, 45, P)[:, None], Y, axis=1),
            shore_per_fuel=0.48,
            duty=duty,
            duty_usd_gj=np.full((port.size, Y), 150.0),
            fuel_t_tj=g,
            shore_t_tj=shore_g,
            accounts=_accounts(rng, g, shore_g, scope, total, S, Y),
            pledges=(
                Pledge(
                    name="two zero-emission ships",
                    services=np.ones(S, bool),
                    variants=family >= 2,
                    from_year=min(5, Y - 1),
                    ships=2 if ships > 10 else 1,
                ),
            ),
        )
    )


def _used(years: int, rate: float, life: int) -> np.ndarray:
    """Return the share of a price that the years until the horizon bear, by a level payment over the life."""
    pays = (1 + rate) ** -np.arange(life + 1.0)
    value = np.cumsum(pays[:-1])
    return value[np.minimum(years - np.arange(years), life) - 1] / value[-1]


def _shares(rng: np.random.Generator, total: int, parts: int) -> np.ndarray:
    """Split a number of ships among services, at least two each."""
    count = np.full(parts, min(2, total // parts))
    np.add.at(count, rng.integers(0, parts, total - count.sum()), 1)
    return count


def _legs(rng: np.random.Generator, calls: int) -> np.ndarray:
    """Share of the sea energy on each leg: two crossings and short legs between neighbours."""
    weight = rng.uniform(0.3, 1.5, calls)
    weight[[0, calls // 2]] += rng.uniform(4, 9, 2)
    return weight / weight.sum()


def _supply(
    rng: np.random.Generator, ease: np.ndarray, ports: int, year: np.ndarray, total: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return region of each fuel and port, and what each region can deliver: some by port, some for all ports."""
    region = np.full((ease.size, ports), -1)
    rows: list[np.ndarray] = []
    for f in np.nonzero(ease)[0]:
        by_port = rng.random() < 0.6
        for i in range(ports):
            if by_port or i == 0:
                start, ramp = rng.integers(0, 6), ease[f] * rng.uniform(0.002, 0.012) * (1 if by_port else ports / 2)
                rows.append(np.maximum(0, year - start) * ramp * total)
            region[f, i] = len(rows) - 1
    return region, np.array(rows).reshape(len(rows), year.size)


def _accounts(
    rng: np.random.Generator, g: np.ndarray, shore_g: np.ndarray, scope: np.ndarray, total: float, S: int, Y: int
) -> tuple[Account, ...]:
    """Return a cut by year, a framework of two tiers, a penalty about an intensity and a carbon price on some legs."""
    year, one, each = np.arange(Y), np.zeros(S, np.int64), np.arange(S)
    cut = np.clip((year - 3) * rng.uniform(0.025, 0.042), 0, 0.9)
    flat = np.zeros((1, Y))
    direct, base = (93.3 * (1 - np.clip((year - 2) * slope, 0, 0.9)) for slope in (0.035, 0.02))
    limit = 91.16 * (1 - np.clip((year // 5) * 0.1, 0, 0.8))
    fossil = np.where(g > 60, 0.82 * g, 0.0)
    price = rng.choice([500.0, 800.0])
    carbon = 80.0 + rng.uniform(2, 8) * year
    tiers = [
        Account(name=name, fuel=g - target, shore=shore_g - target, limit=np.zeros((S, Y)), pool=each,
                price_usd=np.where(year >= 2, usd, np.nan))
        for name, target, usd in (("tier 1", direct, 100.0), ("tier 2", base, 280.0))
    ]  # fmt: skip
    return (
        Account(name="cut", fuel=g, shore=shore_g, limit=(total * 91.6 * (1 - cut))[None], pool=one,
                price_usd=np.full(Y, price)),
        *tiers,
        Account(name="intensity", fuel=g - limit, shore=-limit * np.ones_like(shore_g), limit=flat, pool=one,
                price_usd=700.0 * 89 / limit, scope=scope),
        Account(name="carbon", fuel=fossil, shore=np.zeros_like(shore_g), limit=flat, pool=one,
                price_usd=carbon, scope=scope),
    )  # fmt: skip
