"""Small programs that keep the project in order; nothing that runs in production."""
