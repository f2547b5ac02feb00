"""The process that serves: its worker, its logs, its clients' connections, its end."""
