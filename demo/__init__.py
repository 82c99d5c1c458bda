"""The demo: an emulated AWS and a local Slack, on embedded defaults."""
