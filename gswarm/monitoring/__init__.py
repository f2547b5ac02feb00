"""What happened and how things stand: records, totals, errors, status."""
