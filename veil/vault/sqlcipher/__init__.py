"""A database backend for Django that keeps the store in SQLCipher."""
