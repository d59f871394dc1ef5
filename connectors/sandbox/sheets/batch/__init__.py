"""`spreadsheets.batchUpdate`: one function for each kind of request."""
