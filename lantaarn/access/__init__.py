"""Who may do what: bindings from the catalogue and the agreements, and partners that come, change and go."""
