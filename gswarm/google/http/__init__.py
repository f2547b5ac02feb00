"""The client that carries requests to Google: connections, pool, replies."""
