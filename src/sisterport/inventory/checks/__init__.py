"""Named checks over an inventory: everything at once, warn or strict."""

from sisterport.inventory.checks.made import check_inventory, checks_page, made
from sisterport.inventory.checks.registry import CHECKS, ERROR, WARN, Check

__all__ = ["CHECKS", "ERROR", "WARN", "Check", "check_inventory", "checks_page", "made"]
