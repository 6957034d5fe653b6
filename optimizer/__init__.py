"""The engine: from an instance folder to a proved, checked and mapped plan."""
