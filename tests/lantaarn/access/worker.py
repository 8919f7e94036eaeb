"""The households worker by its settings, with contracts but no registry: ``python -m tests.lantaarn.access.worker``."""

from faust import Worker

from lantaarn.loading import load_settings
from lantaarn.log_lines import log_as_json
from streams.households.app import HouseholdsWorker, WorkerSettings
from streams.outputs import Outputs
from tests.streams.households.made import CODEC

if __name__ == "__main__":
    log_as_json("worker")
    settings = load_settings()
    catalogue = settings.catalogue()
    outputs = Outputs(CODEC, catalogue, settings.source)
    worker = HouseholdsWorker(WorkerSettings(settings.kafka(), "worker-1"), CODEC, catalogue, outputs)
    runner = Worker(worker.app, quiet=True, redirect_stdouts=False, override_logging=False)
    runner.spinner = None
    runner.execute_from_commandline()
