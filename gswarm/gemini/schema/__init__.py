"""JSON Schema, brought to what Google takes."""
