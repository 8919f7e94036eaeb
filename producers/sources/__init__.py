"""Where rows come from: one module per kind of source, each yielding deliveries of numbered rows."""
