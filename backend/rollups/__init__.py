"""Roll-ups: small tables made of the others, kept in the lake for whoever reads it with tools of their own."""
