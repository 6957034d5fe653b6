"""The one place where a coordinate system changes; who is whose neighbour; how far it is."""
