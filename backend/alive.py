"""Whether what this container serves answers: `python -m backend.alive`, the image's health check."""

import http.client
import sys
from collections.abc import Sequence
from pathlib import Path

CHECKED = {"ui": ("--ui-port", 8501, "/_stcore/health"), "api": ("--api-port", 8502, "/api/health")}
"""What may be served: the option that names its port, the port without it, and the path that says it is alive."""

TIMEOUT_S = 4.0


def checked(arguments: Sequence[str]) -> list[tuple[str, int, str]]:
    """What the process with these arguments serves, as name, port and path; of a command that ends, nothing."""
    if "serve" not in arguments:
        return []
    part = next((one for one in arguments if one in CHECKED), None)
    return [
        (name, int(arguments[arguments.index(option) + 1]) if option in arguments else port, path)
        for name, (option, port, path) in CHECKED.items()
        if part in (None, name)
    ]


def problem(port: int, path: str) -> str | None:
    """Why this port on this machine does not say that it is alive; None if it does."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_S)
    try:
        connection.request("GET", path)
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        return f"port {port}: {type(error).__name__}"
    finally:
        connection.close()
    return None if status == http.client.OK else f"port {port}: status {status}"


def main(first_process: Path = Path("/proc/1/cmdline")) -> int:
    """0 if all that the container's first process serves is alive, else 1 and what is not."""
    arguments = first_process.read_text(encoding="utf-8").split("\0")
    problems = [found for _, port, path in checked(arguments) if (found := problem(port, path))]
    print("; ".join(problems) or "alive")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
