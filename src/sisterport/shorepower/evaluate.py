"""What a given set of upgrades saves, at each port."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl

from sisterport.errors import InputError
from sisterport.shorepower import exact, milp
from sisterport.shorepower.phases import one_phase, problem
from sisterport.shorepower.problem import network
from sisterport.shorepower.repair import Plans
from sisterport.units import USD_PER_MUSD


def evaluate(
    upgrades: Any, links: Any, needs: Any, units: Mapping[str, int], *, objective: str = "co2e_t"
) -> pl.DataFrame:
    """Return what each port gains by given upgrades: columns `locode`, `gain`, `links_connected`.

    Parameters
    ----------
    upgrades, links, needs
        Frames as for `upgrades`.
    units
        New units per upgrade_id.
    objective
        Column of `links` that counts.

    Raises
    ------
    InputError
        If an upgrade is unknown or has too many units.

    Examples
    --------
    >>> from sisterport.shorepower.example import frames
    >>> evaluate(*frames(), {"inlet:ferry1": 1, "outlet:a": 1}).rows()
    [('AAAAA', 2000.0, 1), ('BBBBB', 0.0, 0)]
    """
    net = network(upgrades, links, needs, objective=objective)
    p = problem(net, one_phase(float(net.cost_usd @ net.units) / USD_PER_MUSD))
    at = {name: i for i, name in enumerate(net.upgrades["upgrade_id"])}
    wrong = [f"'{u}'" for u, n in units.items() if u not in at or not 0 <= n <= net.units[at[u]]]
    if wrong:
        raise InputError(f"units: unknown upgrade, or more units than there can be: {', '.join(wrong)}")
    x = np.zeros(len(at), np.int64)
    for name, count in units.items():
        x[at[name]] = min(count, int(p.units[at[name]]))
    z = Plans(p).shares(x)
    if exact.needs_programme(p):
        answer = milp.solve(p, whole=False, fixed=(x, x))
        z = z if answer.z is None else answer.z
    return (
        net.links.select("locode")
        .with_columns(gain=p.gain * z, links_connected=(z > 0).astype(np.int64))
        .group_by("locode")
        .agg(pl.all().sum())
        .sort("locode")
    )
