"""Long work that goes on when its process dies."""
