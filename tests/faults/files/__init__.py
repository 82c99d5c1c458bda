"""The files in Amazon S3 that ECS reads before the pull."""
