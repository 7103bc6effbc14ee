"""Where to look: beliefs, what a search teaches, and where effort is best spent."""
