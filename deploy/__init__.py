"""What runs beside the pipeline: broker, database, Prometheus, Grafana."""
