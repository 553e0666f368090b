"""The server: services over storage, with web and device surfaces."""
