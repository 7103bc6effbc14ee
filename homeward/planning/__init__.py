"""What to do next: which relative to type, so that most of the missing can be identified."""
