"""SARIF: one run of a scanner to a row of `scans`, and its results to rows of `scan_results`."""

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import unquote

from backend.mapping.fingerprints import fingerprint
from backend.mapping.repositories import owner, repository_name, repository_of
from backend.mapping.sarif_rules import Rules, family_of, message_of, objects, severity_of
from backend.mapping.stamp import Raw, Row, Stamp, Unusable
from backend.mapping.values import integer, moment, nested, text
from shared.lake.quarantine import Reject

NO_FINDINGS = frozenset({"pass", "notApplicable", "informational"})
"""Kinds of results that say of a rule that nothing is wrong."""

_REPOSITORY = re.compile(r"(?:https?://|ssh://git@|git@)[^/:]+[/:]([^\s/]+/[^\s/]+?)(?:\.git)?/?")


@dataclass(frozen=True)
class Told:
    """What the person who imports says of a file. Each goes before what the file says.

    at: when the scan took place.  modified: when the file was last written, for scans of which nobody says it.
    """

    repo: str | None = None
    ref: str | None = None
    at: datetime | None = None
    modified: datetime | None = None


@dataclass(frozen=True)
class Scan:
    """A run that was read. dated: whether its time is known, and not only its file's."""

    row: Row
    results: tuple[Row, ...]
    rejects: tuple[Reject, ...]
    dated: bool


def scan_of(run: Raw, told: Told, stamp: Stamp) -> Scan:
    """A run as a scan with its results, each issue once. Raises Unusable without a tool or a repository.

    The scan is complete where `error` is null: the tool says of itself that it succeeded, it wrote results, and all of
    them could be read. scan_id is made of repository, tool, category, ref, commit, time and content, so the same run
    is the same scan, in whatever file it comes; where nobody says its time, that of the file plays no part in it.
    """
    tool = text(nested(run, "tool", "driver", "name"))
    if tool is None:
        raise Unusable("no tool.driver.name: it is not said which scanner this is of")
    repo, source = _repository(run, told), (objects(run.get("versionControlProvenance")) or [{}])[0]
    at = told.at or _time(run)
    facts: Row = {
        "repo": repo,
        "org": owner(repo),
        "tool": tool,
        "ref": _ref(told.ref or text(source.get("branch"))),
        "commit_sha": text(source.get("revisionId")),
        "category": _category(text(nested(run, "automationDetails", "id"))),
    }
    rules = Rules(run.get("tool"))
    scan_id, created_at = _scan_id(facts, at, run), at or told.modified or stamp.collected_at
    identity = {**{name: facts[name] for name in ("repo", "org", "tool")}, "scan_id": scan_id, "created_at": created_at}
    found, rejects = _results(run, rules, {**identity, **stamp.columns})
    row = {
        **facts,
        "scan_id": scan_id,
        "results_count": len(found),
        "rules_count": rules.count,
        "error": _error(run, len(rejects)),
        "created_at": created_at,
        **stamp.columns,
    }
    return Scan(row, _once(found), tuple(rejects), dated=at is not None)


def without_source(raw: object) -> object:
    """The same JSON without pieces of source code, in which secret scanners show what they found."""
    if isinstance(raw, dict):
        return {key: without_source(value) for key, value in raw.items() if key not in ("snippet", "contextRegion")}
    return [without_source(item) for item in raw] if isinstance(raw, list) else raw


def _results(run: Raw, rules: Rules, identity: Row) -> tuple[list[Row], list[Reject]]:
    """The results of a run that say that something is wrong, and those that cannot be used."""
    found, rejects, bases = [], [], _bases(run)
    results = run.get("results")
    for result in results if isinstance(results, list) else ():
        if not isinstance(result, dict):
            rejects.append(Reject(f"a result is not an object but {type(result).__name__}", without_source(result)))
        elif result.get("kind") not in NO_FINDINGS and result.get("baselineState") != "absent":
            try:
                found.append({**identity, **_result(result, run, rules, bases)})
            except Unusable as reason:
                rejects.append(Reject(str(reason), without_source(result)))
    return found, rejects


def _result(result: Raw, run: Raw, rules: Rules, bases: tuple[str, ...]) -> Row:
    rule_id, rule = rules.of(result)
    if rule_id is None:
        raise Unusable("a result without a rule")
    place = nested((objects(result.get("locations")) or [{}])[0], "physicalLocation")
    path, message = _path(nested(place, "artifactLocation"), run, bases), message_of(result, rule)
    start_line = integer(nested(place, "region", "startLine"), bits=32)
    mark = fingerprint(
        rule_id,
        line_hash=text(nested(result, "partialFingerprints", "primaryLocationLineHash")),
        path=path,
        message=message,
        source_line=text(nested(place, "region", "snippet", "text")),
        start_line=start_line,
    )
    if mark is None:
        raise Unusable("a result without a fingerprint, and without a path with a message or a line to make one of")
    return {
        "fingerprint": mark,
        "rule_id": rule_id,
        "severity": severity_of(result, rule),
        "cwe_family": family_of(result, rule),
        "path": path,
        "start_line": start_line,
        "message": message,
        "suppressed": _suppressed(result),
    }


def _once(results: Iterable[Row]) -> tuple[Row, ...]:
    """One row per fingerprint: that of the first place; suppressed only where all of them are."""

    def place(row: Row) -> tuple[object, ...]:
        return row["suppressed"], row["path"] or "", row["start_line"] or 0, row["message"] or ""

    first: dict[str, Row] = {}
    for row in sorted(results, key=place):
        first.setdefault(row["fingerprint"], row)
    return tuple(first.values())


def _suppressed(result: Raw) -> bool:
    """Whether the source or a reviewer put the result aside (SARIF 3.27.23): all that is said of it is accepted."""
    said = objects(result.get("suppressions"))
    return bool(said) and all(suppression.get("status", "accepted") == "accepted" for suppression in said)


def _error(run: Raw, rejected: int) -> str | None:
    """Why a scan is not complete; None where it is."""
    failed = [said for said in objects(run.get("invocations")) if said.get("executionSuccessful") is False]
    if failed:
        notes = (text(nested(note, "message", "text")) for note in objects(failed[0].get("toolExecutionNotifications")))
        said = text(failed[0].get("exitCodeDescription")) or next(filter(None, notes), None)
        return f"the tool did not succeed{f': {said}' if said else ''}"[:500]
    if not isinstance(run.get("results"), list):
        return "the tool wrote no results"
    return f"{rejected} results could not be read" if rejected else None


def _time(run: Raw) -> datetime | None:
    """When a scan ended, as far as the run says it."""
    said = objects(run.get("invocations"))
    for key in ("endTimeUtc", "startTimeUtc"):
        times = [time for time in (moment(invocation.get(key)) for invocation in said) if time]
        if times:
            return max(times)
    return None


def _category(identity: str | None) -> str | None:
    """The category in an automation id, as GitHub has it: all before the last slash, else the whole."""
    if identity is None:
        return None
    return (identity.rpartition("/")[0] if "/" in identity else identity) or None


def _ref(ref: str | None) -> str | None:
    return ref if ref is None or ref.startswith("refs/") else f"refs/heads/{ref}"


def _repository(run: Raw, told: Told) -> str:
    for source in objects(run.get("versionControlProvenance")):
        match = _REPOSITORY.fullmatch(text(source.get("repositoryUri")) or "")
        if match:
            return repository_of({"repository": repository_name(told.repo) or match[1]}, None)
    return repository_of({}, told.repo)


def _bases(run: Raw) -> tuple[str, ...]:
    """Where the sources lay when they were scanned, longest first."""
    bases = run.get("originalUriBaseIds")
    named = (text(nested(base, "uri")) for base in (bases.values() if isinstance(bases, dict) else ()))
    return tuple(sorted((base for base in named if base and ":" in base), key=len, reverse=True))


def _path(location: object, run: Raw, bases: tuple[str, ...]) -> str | None:
    uri, index = text(nested(location, "uri")), nested(location, "index")
    artifacts = objects(run.get("artifacts")) if uri is None else []
    if uri is None and isinstance(index, int) and 0 <= index < len(artifacts):
        uri = text(nested(artifacts[index], "location", "uri"))
    if uri is None:
        return None
    base = next((base for base in bases if uri.startswith(base)), "")
    return unquote(uri.removeprefix(base)).removeprefix("file://").removeprefix("./") or None


def _scan_id(facts: Row, at: datetime | None, run: Raw) -> str:
    content = hashlib.sha256(json.dumps(run, sort_keys=True).encode()).hexdigest()
    named = [facts[name] for name in ("repo", "tool", "category", "ref", "commit_sha")]
    said = "\n".join("" if part is None else str(part) for part in (*named, at and at.isoformat(), content))
    return f"sarif:{hashlib.sha256(said.encode('utf-8', 'replace')).hexdigest()[:20]}"
