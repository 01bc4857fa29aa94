"""Lists without an order by change: read whole each time, with an ETag for each page."""

from collections.abc import Callable, Iterator
from typing import Any

from backend.collect.answers import Answer
from backend.collect.github import Params
from backend.collect.problems import Unavailable
from backend.collect.visit import Visit, items

PAGE = 100
REPEATS = 3
"""How often a page is asked for that is the same as the one before it."""


class WholeList:
    """A list during one visit. Iterating gives the pages that are new or different, as lists of objects.

    digest: what is to be remembered of a page, as JSON; `digests` are those of all pages once they were iterated.
    A list whose first reading ended early is read on from there.
    """

    def __init__(
        self,
        visit: Visit,
        path: str,
        params: Params,
        key: str | None = None,
        digest: Callable[[list[Any]], Any] = lambda _: None,
    ) -> None:
        self._visit, self._path, self._params, self._key, self._digest = visit, path, params, key, digest
        cursor = visit.cursor if visit.cursor.get("path") == path else {}
        self._pages: list[dict[str, Any]] = list(cursor.get("pages", []))
        self._complete = bool(cursor.get("complete"))
        self.unchanged = True

    @property
    def digests(self) -> list[Any]:
        """What is remembered of each page."""
        return [page["digest"] for page in self._pages]

    def __iter__(self) -> Iterator[list[Any]]:
        """Pages that are not as they were, in the order of the list."""
        number = 1 if self._complete else len(self._pages) + 1
        before: list[Any] = []
        while True:
            known = self._pages[number - 1] if number <= len(self._pages) else {}
            answer = self._ask(number, known.get("etag"))
            raws = items(answer, self._key) if answer.status != 304 else None
            if raws is not None:
                for _ in range(REPEATS):
                    if not raws or raws != before:
                        break
                    answer = self._ask(number, None)
                    raws = items(answer, self._key)
                if raws and raws == before:
                    raise Unavailable(f"GitHub gives page {number} of {self._path} twice; collect again later.")
                self.unchanged = False
                known = {"etag": answer.etag, "digest": self._digest(raws), "full": len(raws) >= PAGE}
                self._pages[number - 1 : number] = [known]
                yield raws
                before = raws
            if not self._goes_on(answer, number, known):
                break
            self.save()
            number += 1
        self._pages = self._pages[:number]
        self._complete = True
        self.save()

    def save(self) -> None:
        """Moves the cursor on."""
        self._visit.save({"path": self._path, "pages": self._pages, "complete": self._complete})

    def _goes_on(self, answer: Answer, number: int, known: dict[str, Any]) -> bool:
        # A full page may get a successor without changing itself, so what would follow it is asked for, too.
        return answer.next_page is not None or known["full"] or (answer.status == 304 and number < len(self._pages))

    def _ask(self, number: int, etag: str | None) -> Answer:
        page = {"page": number} if number > 1 else {}
        return self._visit.github.get(self._path, {"per_page": PAGE, **self._params, **page}, etag)
