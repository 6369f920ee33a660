"""A project file and what running it means: inputs in, tables, map files and one report out."""

from sisterport.project.config import MethodConfig, PeriodConfig, ProjectConfig, read_project
from sisterport.project.outputs import all_remarks, write_outputs
from sisterport.project.pipeline import Result, run
from sisterport.project.staging import open_folder

__all__ = [
    "MethodConfig",
    "PeriodConfig",
    "ProjectConfig",
    "Result",
    "all_remarks",
    "open_folder",
    "read_project",
    "run",
    "write_outputs",
]
