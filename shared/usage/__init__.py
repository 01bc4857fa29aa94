"""Usage as services tell it: what a request, a rating and a threat may say, and what is made of them."""
