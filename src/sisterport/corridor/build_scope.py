"""Which share of each leg and stay of a scenario a regulation or a boundary counts."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sisterport.corridor.boundary import calls_at_both, is_direct
from sisterport.corridor.scenario import Scenario, Service
from sisterport.rules.scope import BERTH, scope_share
from sisterport.units import TINY

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Covered:
    """What share of each leg and of the stay before it counts [C]."""

    leg: Floats
    stay: Floats

    def mean(self, sea_tj: Floats, berth_tj: Floats) -> Floats:
        """Return the share of the energy of each call and the leg that leaves it [C]."""
        return np.asarray((self.leg * sea_tj + self.stay * berth_tj) / (sea_tj + berth_tj))

    def at_ports(self, scenario: Scenario, berth_tj: Floats) -> Floats:
        """Return the share of the energy at berth in each port [P, 1]: of its electricity, whichever ship takes it."""
        codes = np.array([port for service in scenario.services for port in service.ports])
        here = codes == np.array([port.locode for port in scenario.ports])[:, None]
        energy = np.maximum(here @ berth_tj, TINY)
        return np.asarray((here @ (self.stay * berth_tj) / energy)[:, None])


def covered(scenario: Scenario, share: Callable[[Service, str, str], tuple[float, float]]) -> Covered:
    """Return what `share` says of each leg and stay: of a service, the port and the next one."""
    pairs = [
        share(service, here, after)
        for service in scenario.services
        for here, after in zip(service.ports, (*service.ports[1:], service.ports[0]), strict=True)
    ]
    leg, stay = np.array(pairs).T
    return Covered(leg=leg, stay=stay)


def leg_scope(scenario: Scenario, regulation: str, year: int) -> Covered:
    """Return the shares that a regulation counts of each leg and stay."""

    def share(_: Service, here: str, after: str) -> tuple[float, float]:
        leg, stay = (scope_share(here, goal, year, regulation).share or 0.0 for goal in (after, BERTH))
        return leg, stay

    return covered(scenario, share)


def boundary_scope(scenario: Scenario) -> Covered:
    """Return the shares that the scenario's boundary counts of each leg and stay."""
    limit = scenario.boundary

    def share(service: Service, here: str, after: str) -> tuple[float, float]:
        if not calls_at_both(service.ports, scenario.ends):
            return 0.0, 0.0
        if limit == "direct":
            return float(is_direct(here, after, scenario.ends)), 0.0
        whole = (service.cargo_share or 0.0) if limit == "cargo" else 1.0
        return whole, whole

    return covered(scenario, share)


def pool_of(scenario: Scenario, scope: Floats) -> NDArray[np.int64]:
    """Return one pool (0) for all services of which something counts, none (-1) for the others [S]."""
    ends = np.cumsum([len(service.ports) for service in scenario.services])
    touched = [part.sum() > 0 for part in np.split(scope, ends[:-1])]
    return np.where(touched, 0, -1).astype(np.int64)


def no_shore(scenario: Scenario) -> Floats:
    """Return zeros [P, Y]: a rule that does not count electricity from shore."""
    return np.zeros((len(scenario.ports), len(scenario.years)))
