"""What is due for appraisal, and how two people end a case; the tombstone that is left."""
