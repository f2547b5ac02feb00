"""The HTTP face: one blueprint per API group."""
