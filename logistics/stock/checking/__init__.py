"""What must hold in stock, by subject; `stock.checks` runs all of it."""
