"""Real clients in front of the gateway: ``make clients``."""
