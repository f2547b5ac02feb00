"""Google accounts and their projects: brought in, kept usable, shown."""
