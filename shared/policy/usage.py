"""Usage: what the tokens of models cost, for requests whose senders tell no cost."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from shared.policy.section import Section

Price = Annotated[float, Field(ge=0, le=1_000_000)]


class ModelPrice(Section):
    """`[usage.prices."MODEL"]`: US dollars for a million tokens."""

    prompt: Price = 0.0
    completion: Price = 0.0


class UsagePolicy(Section):
    """`[usage]`."""

    prices: Mapping[str, ModelPrice] = {}
    """Model -> its prices. `*` stands for any characters; the first that fits counts."""
