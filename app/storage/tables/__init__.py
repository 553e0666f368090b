"""Tables, one module per area, one shared MetaData."""
