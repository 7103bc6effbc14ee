"""Results as files, pages and pictures, in English or Korean."""
