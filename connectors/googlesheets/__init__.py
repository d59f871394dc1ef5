"""Google Sheets API v4 over gspread: `client` sends requests, `wire` translates."""
