"""The first row of the Data page."""

import pandas as pd

from frontend.figures import Figure, metric_text
from frontend.words import count, percent, size
from shared.metrics.coverage import GOOD

_QUARANTINE = "Rows that failed validation, kept with the reason."


def ledger(entries: pd.DataFrame, datasets: pd.DataFrame, refused: pd.DataFrame) -> list[Figure]:
    """Repositories, sources complete and not, rows, size and quarantine of the lake.

    datasets: empty where the visitor sees not all of the lake, of which the last three are.
    """
    on, text = entries[entries.outcome != "disabled"], metric_text("coverage")
    good, off = on.outcome.isin(GOOD), len(entries) - len(on)
    complete = percent(good.mean()) if len(on) else None
    sources, files = count(len(on), "source"), count(datasets.files.sum(), "file")
    of_all = f"of {sources}, {count(off)} switched off" if off else f"of {sources}"
    repos = entries.repo[~entries.repo.str.endswith("/*")]  # what stands for a whole organisation is none
    figures = [
        Figure("Repositories", count(repos.nunique()), "higher", "Repositories in the ledger."),
        Figure("Sources complete", complete, "higher", text, note=of_all),
        Figure(
            "Sources incomplete",
            count((~good).sum()),
            "lower",
            text,
            note="unknown, not zero" if len(on) > good.sum() else "",
        ),
    ]
    if datasets.empty:
        return figures
    return [
        *figures,
        Figure("Rows", count(datasets.rows.sum()), "higher", "Rows of all datasets that are shown."),
        Figure("Size", size(datasets.bytes.sum()), "lower", "Parquet files of all datasets.", note=f"in {files}"),
        Figure("Quarantine", count(refused.rows.sum()), "lower", _QUARANTINE, note="rows refused"),
    ]
