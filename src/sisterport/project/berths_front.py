"""Berth plans by files: what earlier or later requests would cost, and which buffer each ship should get."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from sisterport.berths.front import BUFFERS_H, Front, Prices, choose_buffers, front
from sisterport.errors import InputError
from sisterport.project.berths import AGAIN
from sisterport.project.berths_ask import Asking
from sisterport.project.berths_write import STEP as PLAN
from sisterport.project.steps import frame, step
from sisterport.site.berths_choices import front_page
from sisterport.units import SECONDS_PER_HOUR

STEP = "front"
"""Name of manifest and page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """Trade-offs and buffers, and what was written of them.

    Attributes
    ----------
    front : Front
        Every choice, and the Pareto front among them.
    buffers : polars.DataFrame
        ``call_id, buffer_h, cost, cost_without, cvar, cvar_without``.
    notes, files : list of str
        What a reader has to know first; files that were written.
    """

    front: Front
    buffers: pl.DataFrame
    notes: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)


def front_files(
    folder: Path,
    *,
    asking: Asking | None,
    also: Sequence[Path] = (),
    notices_h: Sequence[float],
    buffers_h: Sequence[float] = BUFFERS_H,
    prices: Prices | None = None,
    samples: int = 200,
    eta_times: float = 1.0,
    seed: int = 0,
) -> Choices:
    """Write the trade-offs of the plan in a folder, and the buffers that stand up best to sampled delays.

    Parameters
    ----------
    folder
        Folder of a plan; the files are added to it.
    asking
        Ships on their way; its notice horizon is that of the buffers.
    also
        Folders of other plans of the same calls, to compare.
    notices_h, buffers_h, samples, eta_times, seed
        As in `sisterport.berths.front.front`.
    prices
        As in `sisterport.berths.front.choose_buffers`.

    Raises
    ------
    SisterportError
        If there is no plan, or no ship on her way.
    """
    if asking is None:
        raise InputError("give --on-the-way, --ships and --now: who can be asked for an arrival")
    plans = {path.name: frame(path, PLAN, AGAIN) for path in (folder, *also)}
    if len(plans) <= len(also):
        raise InputError("two of the folders have the same name: the plans are told apart by it")
    stays = plans[folder.name]
    ways = asking.ways
    for other in plans.values():
        ways = ways.join(other.select("call_id"), on="call_id", how="semi", maintain_order="left")
    if ways.is_empty():
        raise InputError("no ship on her way is in the plan")
    opens, between = _opens(stays, ways, asking)
    common: dict[str, Any] = {"now": asking.now, "samples": samples, "seed": seed, "eta_times": eta_times}
    common |= {"opens_h": opens, "buffers_h": buffers_h}
    found = front(plans, ways, asking.rates, notices_h=notices_h, **common)
    weighed = prices or Prices()
    chosen = choose_buffers(stays, ways, asking.rates, notice_h=asking.notice_h, prices=weighed, **common)
    lost = asking.ways.height - ways.height
    notes = [f"{lost} ships on their way are not in every plan, and left out."] * bool(lost)
    notes += [f"In port already but planned between ships on their way, and left out: {', '.join(between)}."] * bool(
        between
    )
    made = Choices(front=found, buffers=chosen, notes=notes)
    with step(folder, STEP) as to:
        to.write(trade_offs=found.choices, buffers=chosen)
        front_page(to.place / f"{STEP}.html", found=found, buffers=chosen, title="Late or early requests", notes=notes)
        options = {"notices_h": list(notices_h), "buffers_h": list(buffers_h), "samples": samples, "seed": seed}
        options |= {"eta_times": eta_times, "notice_h": asking.notice_h, "now_utc": asking.now}
        options |= {"prices": asdict(weighed)}
        to.close(given=[*also, *asking.files], read=(f"{PLAN}.parquet",), options=options)
    made.files.extend(to.files)
    return made


def _opens(stays: pl.DataFrame, ways: pl.DataFrame, asking: Asking) -> tuple[dict[str, float], list[str]]:
    """Return when each berth is free of ships that cannot be asked [h from now], and whom this leaves out."""
    coming = stays.join(ways.select("call_id"), on="call_id", how="semi")
    first = coming.group_by("berth_id").agg(first=pl.col("start_utc").min())
    others = stays.join(ways.select("call_id"), on="call_id", how="anti").join(first, on="berth_id")
    before = others.filter(pl.col("start_utc") < pl.col("first"))
    free = before.group_by("berth_id").agg(pl.col("end_utc").max()).iter_rows()
    hours = {berth: (end - asking.now).total_seconds() / SECONDS_PER_HOUR for berth, end in free}
    between = others.filter(pl.col("start_utc") >= pl.col("first"))["call_id"].to_list()
    return {berth: max(h, 0.0) for berth, h in hours.items()}, between
