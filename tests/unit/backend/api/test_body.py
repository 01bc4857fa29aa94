"""Bodies of requests: no more is held than there is room for, however it is sent."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from starlette.types import Message, Receive

from backend.api.body import Bodies, Busy, Disconnected, Room, TooLarge, TooSlow


def sends(*parts: bytes, then: Callable[[], Awaitable[Message]] | None = None) -> Receive:
    """What a server receives: parts of a body, the last of which ends it unless something else comes then."""
    messages = [
        {"type": "http.request", "body": part, "more_body": then is not None or number < len(parts)}
        for number, part in enumerate(parts, 1)
    ]

    async def receive() -> Message:
        if not messages and then:
            return await then()
        return messages.pop(0)

    return receive


async def hangs_up() -> Message:
    return {"type": "http.disconnect"}


async def hangs() -> Message:
    await asyncio.sleep(60)
    raise AssertionError


def read(bodies: Bodies, receive: Receive, length: str | None = None) -> bytes:
    async def reading() -> bytes:
        with Room(bodies) as room:
            return await room.body(receive, length)

    return asyncio.run(reading())


def test_a_body_is_read_whole() -> None:
    bodies = Bodies(10)
    assert read(bodies, sends(b"abc", b"", b"defg")) == b"abcdefg"
    assert read(bodies, sends(b"")) == b""
    assert bodies.held == 0


@pytest.mark.parametrize(
    ("receive", "length", "error"),
    [
        (sends(b"x"), "11", TooLarge),
        (sends(b"x" * 6, b"x" * 5), None, TooLarge),
        (sends(b"x" * 6, b"x" * 5), "7", TooLarge),
        (sends(b"x", then=hangs_up), "9", Disconnected),
        (sends(b"x", then=hangs), "9", TooSlow),
    ],
)
def test_what_is_no_body_for_us_takes_no_room_afterwards(
    receive: Receive, length: str | None, error: type[Exception]
) -> None:
    bodies = Bodies(10, read_within_s=0.05)
    with pytest.raises(error):
        read(bodies, receive, length)
    assert bodies.held == 0


def test_bodies_that_are_only_announced_take_no_room_from_others() -> None:
    async def reading() -> list[bytes | BaseException]:
        bodies = Bodies(10, in_flight=12, read_within_s=0.2)

        async def one(receive: Receive) -> bytes:
            with Room(bodies) as room:
                return await room.body(receive, "10")

        slow = [asyncio.create_task(one(sends(b"x", then=hangs))) for _ in range(3)]
        await asyncio.sleep(0)
        taken = await one(sends(b"y" * 9))
        refused = await asyncio.gather(one(sends(b"z" * 10)), return_exceptions=True)
        return [taken, *refused, *await asyncio.gather(*slow, return_exceptions=True)]

    taken, refused, *slow = asyncio.run(reading())
    assert taken == b"y" * 9
    assert isinstance(refused, Busy)
    assert {type(one) for one in slow} == {TooSlow}
