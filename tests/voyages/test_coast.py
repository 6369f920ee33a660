"""Distance to the coast at places that anybody can check on a map."""

import numpy as np
import pytest

from sisterport.errors import ReferenceDataError
from sisterport.voyages import coast


@pytest.mark.parametrize(
    ("name", "lat", "lon", "low", "high"),
    [
        ("mid Atlantic", 40.0, -50.0, 31.0, 32.0),
        ("off Sandy Hook", 40.4, -73.7, 8.5, 12.0),
        ("mid Dover Strait", 51.0, 1.45, 6.0, 11.0),
        ("Ohio", 40.0, -83.0, -32.0, -31.0),
        ("Bermuda Triangle at the date line", 0.0, 180.0, 31.0, 32.0),
        ("Berlin", 52.5, 13.4, -32.0, -31.0),
    ],
)
def test_known_places(name, lat, lon, low, high):
    assert low <= coast.coast_distance_nm(lat, lon) <= high, name


def test_continuous_over_the_date_line_and_at_the_poles():
    lat = np.linspace(-89.9, 89.9, 500)
    west, east = coast.coast_distance_nm(lat, -179.9999), coast.coast_distance_nm(lat, 179.9999)
    assert np.abs(west - east).max() < 0.05  # 0.0002 degrees apart
    assert coast.coast_distance_nm(lat, -180.0) == pytest.approx(coast.coast_distance_nm(lat, 180.0), abs=1e-9)
    assert np.isfinite(coast.coast_distance_nm([90.0, -90.0], [0.0, 180.0])).all()


def test_exact_at_the_centres_of_the_grid():
    grid = coast.coast_grid()
    rng = np.random.default_rng(0)
    row, col = rng.integers(0, grid.steps.shape[0], 500), rng.integers(0, grid.steps.shape[1], 500)
    lat, lon = 90.0 - (row + 0.5) / grid.per_degree, -180.0 + (col + 0.5) / grid.per_degree
    assert coast.coast_distance_nm(lat, lon) == pytest.approx(grid.steps[row, col] * grid.step_nm, abs=1e-6)
    classes = coast.grid_classes()[grid.steps.shape[0] - 1 - row, col]  # rows of the classes go north
    assert (classes == coast.classify(grid.steps[row, col] * grid.step_nm)).all()


def test_without_a_grid_the_class_is_unknown_and_the_distance_an_error(monkeypatch):
    monkeypatch.setattr(coast, "coast_grid", lambda: None)
    assert coast.grid_classes() is None
    with pytest.raises(ReferenceDataError, match="no coast grid"):
        coast.coast_distance_nm(0.0, 0.0)
