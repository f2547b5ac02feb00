"""Google's side of the wire: one module per Google service."""
