"""Finds out why an Amazon ECS task could not pull its image. Knows AWS, knows nothing of Slack."""

__version__ = "0.1.0"
