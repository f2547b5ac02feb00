"""The doors: each module translates one client dialect into Gemini and back."""
