"""Workflows: GitHub's workflow object to a row."""

from backend.mapping.repositories import owner, repository_of
from backend.mapping.stamp import Raw, Row, Stamp, Unusable
from backend.mapping.values import integer, moment, text


def workflow_row(raw: Raw, repo: str | None, stamp: Stamp) -> Row:
    """A row of `workflows`. `state` is GitHub's word, also one that is not known yet. Raises Unusable."""
    workflow_id = integer(raw.get("id"))
    if workflow_id is None:
        raise Unusable("no id")
    full_name = repository_of(raw, repo)
    return {
        "repo": full_name,
        "org": owner(full_name),
        "workflow_id": workflow_id,
        "name": text(raw.get("name")),
        "path": workflow_path(raw.get("path")),
        "state": text(raw.get("state")),
        "created_at": moment(raw.get("created_at")),
        "updated_at": moment(raw.get("updated_at")),
        "html_url": text(raw.get("html_url")),
        **stamp.columns,
    }


def workflow_path(value: object) -> str | None:
    """The path of a workflow's file, without the `@ref` that GitHub adds for required workflows."""
    return (text(value) or "").partition("@")[0] or None
