"""A project file and what running it means: inputs in, tables, map files and one report out."""

from sisterport.project.config import PeriodConfig, ProjectConfig, read_project
from sisterport.project.outputs import write_outputs
from sisterport.project.pipeline import Result, run

__all__ = ["PeriodConfig", "ProjectConfig", "Result", "read_project", "run", "write_outputs"]
