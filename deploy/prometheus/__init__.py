"""Alert rules: written down once in `alerts`, made into YAML by `generate`."""
