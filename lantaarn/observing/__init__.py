"""What the people on call can see: metrics, health, the watch over what no process knows by itself, the status."""
