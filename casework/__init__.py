"""The application: who did what, and who may see it."""
