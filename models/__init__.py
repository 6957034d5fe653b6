"""The district in the words of education: settings, tables, plans and runs. Nothing here solves anything."""
