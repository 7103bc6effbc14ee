"""Paper that is equal to a signed file: bilingual PDFs drawn up from statements, to be signed with a pen."""
