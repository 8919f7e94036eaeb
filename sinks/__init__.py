"""Whatever leaves the pipeline: the case store now; Open Zaak, the monitor and reports later."""
