"""Streams: from accepted signals to outreach tasks."""
