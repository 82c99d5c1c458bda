"""What is asked before a task starts."""
