"""Slack in, Slack out: listeners, jobs and views. No diagnosis and no AWS client here."""
