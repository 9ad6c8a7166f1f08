"""How the centre's schema came to be, step by step."""
