"""What an API key may do, and how much of it: plain values."""
