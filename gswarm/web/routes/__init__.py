"""What can be asked of the gateway: one blueprint per group of the API."""
