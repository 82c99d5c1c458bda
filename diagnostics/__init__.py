"""Finds out why an Amazon ECS task could not pull its image. Knows AWS, knows nothing of Slack."""
