"""The worker process: runs workflows and activities until it is told to stop. Start it with `python worker.py`."""

import asyncio
import signal
import sys
from typing import NoReturn

from kit.process.imports import freeze_what_is_loaded, undisturbed

with undisturbed():
    import uvloop
    from temporalio import activity, workflow
    from temporalio.worker import Worker

    from bootstrap import configure_logs, health_of, office_of, refusal_mail_of, workers_of
    from kit.engine.temporal import runtime_with_metrics
    from kit.errors import StackError
    from kit.process.leave import leave
    from kit.process.logs import get_logger
    from kit.process.ports import held_port
    from kit.settings import Settings
    from workers.build import commit_threads, upkeep_threads
    from workers.chaining import keep_chained
    from workers.pulse import Pulse
    from workers.starting import Starting, Stopped
    from workers.warning import keep_warned

log = get_logger("worker")


async def run(settings: Settings, stop: asyncio.Event) -> None:
    """Works until `stop` is set. Raises Unready when the databases or the engine do not appear in time."""
    office, starting = office_of(settings, settings.temporal_address), Starting(stop, settings.starting_seconds)
    with held_port() as port:
        metrics = f"127.0.0.1:{port}"
        runtime = runtime_with_metrics(metrics)
    await starting.databases(office)
    client = await starting.engine(office, runtime)
    pulse = Pulse(client, office.database, office.keys, office.own_store)
    with commit_threads(office.database) as threads, upkeep_threads() as slow_threads:
        workers = workers_of(office, client, threads, slow_threads)
        health = health_of(settings, pulse, workers, f"http://{metrics}/metrics")
        health.start()
        beating = asyncio.create_task(pulse.beat())
        chaining = asyncio.create_task(keep_chained(office.database, office.keys))
        warning = asyncio.create_task(keep_warned(refusal_mail_of(office)))
        try:
            await _work(workers, stop, port=health.port)
        finally:
            beating.cancel()
            chaining.cancel()
            warning.cancel()
            health.stop()
            office.keys.close()
            office.database.close()
    log.info("worker_stopped")


async def _work(workers: tuple[Worker, Worker, Worker], stop: asyncio.Event, *, port: int) -> None:
    cases, mails, upkeep = workers
    async with cases, mails, upkeep:
        log.info("worker_started", task_queue=cases.task_queue, port=port)
        freeze_what_is_loaded()
        await stop.wait()
        log.info("worker_stopping")
        # All at once: one after the other they would take thrice the time that whoever stops us gives.
        await asyncio.gather(*(worker.shutdown() for worker in workers))


async def main() -> NoReturn:
    """Runs the worker and ends the process: with status 0, with 4 when it could not begin, with 1 when it failed."""
    # From within the loop: outside of it, threads would be waited for that wait for somebody else, a scanner say.
    leave(await _status())


async def _status() -> int:
    settings = Settings()
    configure_logs(settings)
    # The SDK's lines say under safe keys which workflow they are about, instead of in their text.
    workflow.logger.workflow_info_on_message = activity.logger.activity_info_on_message = False
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    try:
        await run(settings, stop)
    except Stopped:
        log.info("worker_stopped")
    except StackError as error:
        print(error, file=sys.stderr)
        return 4
    except Exception:
        log.exception("worker_failed")
        return 1
    return 0


if __name__ == "__main__":
    uvloop.run(main())
