"""Where acknowledged work waits."""
