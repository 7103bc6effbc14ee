"""Files with their digest, and what is quoted from them: statements and claims, each with who said it."""
