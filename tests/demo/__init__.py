"""Tests of the demo: its page, its composition and its command."""
