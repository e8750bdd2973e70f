"""What all forms of a suite file have in common."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=64)]
Length = Annotated[int, Field(ge=1)]


class Form(BaseModel):
    """Unknown keys are errors, values are fixed once read, numbers are not guessed from text."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


def ascending(values: list[Any]) -> list[Any]:
    """The values in order.

    Raises:
        ValueError: one stands there twice.
    """
    if len(set(values)) != len(values):
        raise ValueError("a value stands here twice")
    return sorted(values)
