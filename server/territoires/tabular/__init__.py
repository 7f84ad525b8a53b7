"""The graph as tables, nested objects and maps, in files that spreadsheets, databases and programs load."""
