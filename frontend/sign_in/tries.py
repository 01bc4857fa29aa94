"""Tries to sign in: how many are taken of one name and of one address."""

import math
import time

from limits import RateLimitItem, parse
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter

OF_BOTH = parse("5/minute")
"""Of one name from one address."""
OF_NAME = parse("60/hour")
"""Of one name from anywhere: so many guesses a password is to withstand."""
OF_ADDRESS = parse("60/10minutes")
"""Of one address: an office behind one may come to work."""


class Tries:
    """Counts tries, in this process alone."""

    def __init__(self) -> None:
        self._counts = MovingWindowRateLimiter(MemoryStorage())

    async def wait_s(self, name: str, address: str) -> int:
        """Counts a try; returns for how many seconds none is taken, 0 if this one is."""
        for limit, *who in ((OF_ADDRESS, address), (OF_BOTH, name, address), (OF_NAME, name)):
            if wait_s := await self._hit(limit, *who):
                return wait_s
        return 0

    async def wait_of_address_s(self, address: str) -> int:
        """The same for a way to sign in in which no name is told."""
        return await self._hit(OF_ADDRESS, address)

    async def _hit(self, limit: RateLimitItem, *who: str) -> int:
        if await self._counts.hit(limit, *who):
            return 0
        reset, _ = await self._counts.get_window_stats(limit, *who)
        return max(1, math.ceil(reset - time.time()))
