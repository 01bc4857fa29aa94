"""The crew: threads that carry out the tasks of a collection, and stop together."""

from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait

PATIENCE_S = 5.0
"""How long a collection that is being stopped waits for the tasks that are under way."""

Task = Callable[[], None]


class Crew:
    """A number of threads.

    stop: called when a task fails (with what it raised) or the process is interrupted; it makes the other tasks end.
    """

    def __init__(self, size: int, stop: Callable[[BaseException], None]) -> None:
        self._pool = ThreadPoolExecutor(size, "collect")
        self._stop = stop

    def all(self, tasks: Iterable[Task]) -> None:
        """Carries out all tasks. Raises what the first failing one raised, and tells the others to end."""
        futures = [self._pool.submit(task) for task in tasks]
        try:
            for done in wait(futures, return_when=FIRST_EXCEPTION).done:
                done.result()
        except BaseException as error:
            self._stop(error)
            for future in futures:
                future.cancel()
            wait(futures, timeout=PATIENCE_S)
            raise

    def dismiss(self) -> None:
        """Lets the threads go without waiting for them."""
        self._pool.shutdown(wait=False, cancel_futures=True)
