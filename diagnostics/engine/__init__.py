"""From the facts to findings: what the error texts say, how the task pulls, and what every check says about it."""

from diagnostics.engine.run import run, world_of

__all__ = ["run", "world_of"]
