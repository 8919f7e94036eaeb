"""Dashboards: written down once in `boards`, made into JSON by `generate`."""
