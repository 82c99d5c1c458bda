"""Every day: what changed since the audit of the day before, in the channels that the routes say."""
