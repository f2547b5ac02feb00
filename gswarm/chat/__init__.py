"""One question's way: what is asked, remembered and answered."""
