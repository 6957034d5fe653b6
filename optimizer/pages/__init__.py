"""What a browser or a word processor opens of a finished run: the brief, the report and the map."""
