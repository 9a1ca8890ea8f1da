"""The loop that sends what the outbox has.

    address ─▶ each channel that has something due, as a task: claim ─▶ send ─▶ settle, until it has
               nothing due

It runs beside the jobs. What goes wrong here is tried again from the outbox, and concerns no job.
"""

import asyncio
import contextlib
import random
import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from functools import partial
from uuid import UUID, uuid4

from supajobs.errors import SupabaseUnavailableError, SupajobsError
from supajobs.loggers import get_logger
from supajobs.notifications.channels import Channel
from supajobs.notifications.outbox import (
    Attempt,
    Delivery,
    DeliveryOutcome,
    Outbox,
    SettledDelivery,
    Tried,
)
from supajobs.queue.batches import send_batch
from supajobs.telemetry.metrics import Metrics

logger = get_logger(__name__)

_Tried = tuple[Delivery, Attempt]

LEASE_SECONDS = 60.0  # a process that was killed amid sending delays what it had by this
POLL_SECONDS = 30.0  # for ends of jobs that no process has seen: those that the sweep failed
TOLD_POLL_SECONDS = 86_400.0  # of a notifier that is woken for these as well
GAP_SECONDS = 0.5  # between two looks, however many jobs end
SETTLE_AGAIN_SECONDS = 1.0  # after a settle without an answer
STOP_PATIENCE = 3.0  # s; what is not settled then is sent again, under the same id


class Notifier:
    """Sends the notifications of the outbox through these channels; without any, does nothing."""

    def __init__(
        self,
        outbox: Outbox,
        channels: Mapping[str, Channel],
        *,
        lease_seconds: float = LEASE_SECONDS,
        poll_seconds: float = POLL_SECONDS,
        metrics: Metrics | None = None,
    ) -> None:
        self._outbox = outbox
        self._channels = channels
        self._lease_seconds = lease_seconds
        self._poll_seconds = poll_seconds
        self._metrics = metrics or Metrics()
        self._metrics.expect_deliveries(channels, list(DeliveryOutcome))
        self._sending: dict[str, asyncio.Task[int]] = {}
        self._woken = asyncio.Event()
        self._stopping = False

    def wake(self) -> None:
        """Says that a job has ended. Cheap, and harmless when nobody is to be told."""
        self._woken.set()

    @contextlib.asynccontextmanager
    async def working(self) -> AsyncGenerator[None]:
        """Sends in the background while the context lasts: when woken, or something is due."""
        work = asyncio.create_task(self._work())
        try:
            yield
        finally:
            work.cancel()
            await asyncio.wait({work})

    async def deliver(self, *, within: float | None = None) -> None:
        """Sends what is due, and returns when all of it was tried, or the time (s) is over."""
        if self._channels:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(within):
                    await self._deliver()

    async def close(self) -> None:
        """Lets what is being sent end, if it does so soon, and closes the channels."""
        self._stopping = True
        if self._sending:
            _, late = await asyncio.wait(self._sending.values(), timeout=STOP_PATIENCE)
            for sending in late:
                sending.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        for channel in self._channels.values():
            await channel.close()

    async def _work(self) -> None:
        while self._channels:
            self._woken.clear()
            pause = await self._look()
            await asyncio.sleep(GAP_SECONDS)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._woken.wait()

    async def _deliver(self) -> None:
        while True:
            pause = await self._look()
            if sending := set(self._sending.values()):
                done, _ = await asyncio.wait(sending)
                if not any(not each.cancelled() and each.result() for each in done):
                    return  # others have what is due
            elif pause > 0:
                return

    async def _look(self) -> float:
        """Starts to send what is due; answers in how many seconds there may be more."""
        try:
            outlook = await self._outbox.address(self._channels)
        except SupajobsError as error:
            logger.warning("outbox_unread", code=error.code, reason=error.reason)
            return self._poll_seconds
        except Exception:
            logger.exception("outbox_crashed")  # and nobody restarts the loop
            return self._poll_seconds
        for channel, seconds in outlook.due.items():
            if seconds <= 0 and channel not in self._sending:
                self._start(channel)
        if outlook.more:
            return 0.0
        # Between half and the whole, so that processes that started together drift apart.
        poll = self._poll_seconds * random.uniform(0.5, 1.0)  # noqa: S311 - no secret
        return min([poll, *(seconds for seconds in outlook.due.values() if seconds > 0)])

    def _start(self, channel: str) -> None:
        self._sending[channel] = sending = asyncio.create_task(self._send_due(channel))

        def end(_sending: asyncio.Task[int]) -> None:
            del self._sending[channel]
            if not sending.cancelled() and sending.result():
                self.wake()  # when its next delivery is due, is to be seen

        sending.add_done_callback(end)

    async def _send_due(self, name: str) -> int:
        """Sends what is due on one channel; answers how much that was."""
        channel, count = self._channels[name], 0
        try:
            while not self._stopping:
                claim_id, held_until = uuid4(), time.monotonic() + self._lease_seconds
                deliveries = await self._outbox.claim(
                    claim_id=claim_id,
                    channel=name,
                    max_deliveries=channel.max_deliveries,
                    lease_seconds=self._lease_seconds,
                )
                if not deliveries:
                    break
                attempts = list(zip(deliveries, await _send(channel, deliveries), strict=True))
                settled = await self._settle(claim_id, attempts, held_until)
                for each in settled:
                    self._metrics.deliveries(name, each.outcome).inc()
                _log(name, attempts, settled)
                count += len(deliveries)
        except SupajobsError as error:  # what it had is sent again after the lease
            logger.warning("outbox_unread", code=error.code, reason=error.reason)
        except Exception:
            logger.exception("outbox_crashed")
        return count

    async def _settle(
        self, claim_id: UUID, attempts: Sequence[_Tried], held_until: float
    ) -> list[SettledDelivery]:
        """Says what came of deliveries until it is heard, or others may have them."""
        settled, unheard = list[SettledDelivery](), list(attempts)
        while True:
            answers = await send_batch(partial(self._outbox.settle, claim_id), unheard)
            settled += [answer for answer in answers if isinstance(answer, SettledDelivery)]
            errors = [answer for answer in answers if isinstance(answer, Exception)]
            if not errors:
                return settled
            # What is not heard of at all is sent again after the lease, under the same id.
            reason = errors[0].reason if isinstance(errors[0], SupajobsError) else repr(errors[0])
            logger.warning("deliveries_unsettled", count=len(errors), reason=reason)
            unheard = [
                each
                for each, answer in zip(unheard, answers, strict=True)
                if isinstance(answer, SupabaseUnavailableError)
            ]
            if not unheard or time.monotonic() > held_until:
                return settled
            await asyncio.sleep(SETTLE_AGAIN_SECONDS)


async def _send(channel: Channel, deliveries: Sequence[Delivery]) -> Sequence[Attempt]:
    try:
        return await channel.send(deliveries)
    except Exception as error:  # noqa: BLE001 - whatever it is, the others still get theirs
        # Its words are not told: they may hold the address of a device.
        logger.error("channel_crashed", reason=type(error).__name__)  # noqa: TRY400
        return [Attempt(outcome=Tried.RETRY, error="crashed")] * len(deliveries)


def _log(
    channel: str,
    attempts: Sequence[_Tried],
    settled: Sequence[SettledDelivery],
) -> None:
    outcomes = {each.id: each.outcome for each in settled}
    for delivery, attempt in attempts:
        notification = delivery.notification
        logger.info(
            "notification_sent",
            channel=channel,
            notification_id=str(notification.id),
            job_id=str(notification.job_id),
            trace_id=notification.trace_id,
            attempts=delivery.attempts,
            outcome=outcomes.get(delivery.id),
            error=attempt.error,
        )
