"""Documents as PDF. Knows no Flask; fetches nothing from outside."""
