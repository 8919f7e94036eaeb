"""The commands, a module for each reader: who runs processes, who looks, who sets up."""
