"""How projects are ranked, rested and judged, without any I/O."""
