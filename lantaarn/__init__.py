"""The composition root: settings, commands, embedded servers; nothing that decides."""
