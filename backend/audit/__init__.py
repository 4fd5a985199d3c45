"""Who did and read what, when, from where: append-only and chained per tenant."""
