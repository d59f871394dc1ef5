"""The signs for and against contacting a person, as records, words, events and memory show them."""
