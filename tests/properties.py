"""How many examples a property is tried with: fewer every day than in `make test-all`."""

from hypothesis import settings


def few(examples: int) -> settings:
    """So many examples under the profile `thorough`, half of them else: for what asks the engine in each."""
    return settings(max_examples=examples if settings.get_current_profile_name() == "thorough" else examples // 2)
