"""A spreadsheet as data: tabs, cells, values, areas, and how they are shown."""
