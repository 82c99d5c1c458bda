"""Task events: a pull that failed is diagnosed before anybody asks, once for each cause."""
