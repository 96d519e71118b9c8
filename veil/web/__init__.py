"""The pages: Django over the casework wing; templates first, working without scripts."""
