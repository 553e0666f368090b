"""Edge programs at handover points; they never import the server."""
