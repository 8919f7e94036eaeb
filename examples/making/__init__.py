"""How the examples are made: a town, its slots of delivery, its stories, the dirt, and the files."""
