"""Shapes of keys and codes of offices, as strict as every other shape. None holds what opens a lock."""

from typing import Annotated, Literal

from pydantic import Field

from app.api.schemas import Shape

Kind = Literal["key", "combination", "override"]
State = Literal["in_order", "overdue", "staff_left", "retired"]


class AccessKeyPath(Shape):
    """The number of a key in this installation."""

    access_key: int = Field(ge=0, le=10**15, strict=False)


class AccessKeysQuery(Shape):
    """`due`: only what is to be changed; `office`: the code of one office."""

    due: bool = Field(default=False, strict=False)
    office: Annotated[str, Field(max_length=32)] = ""


class RegisterAccessKeyBody(Shape):
    """A key or code that the caller has in hand; `seal` of the envelope with a copy, empty without one."""

    name: Annotated[str, Field(min_length=1, max_length=80)]
    kind: Kind
    seal: Annotated[str, Field(max_length=32)] = ""


class SecondBody(Shape):
    """The second person, who types their own password at this moment."""

    username: Annotated[str, Field(min_length=1, max_length=64)]
    password: Annotated[str, Field(min_length=1, max_length=1024)]


class ChangeAccessKeyBody(SecondBody):
    """The same, and the seal of the envelope with the new copy."""

    seal: Annotated[str, Field(max_length=32)] = ""


class AccessKeyShape(Shape):
    """One key or code; `holder` is the number of an account, `office` the code of a unit."""

    id: int
    name: str
    kind: Kind
    office: str
    holder: int
    seal: str
    changed_at: str
    due_at: str
    staff_left_at: str | None
    state: State


class AccessKeysAnswer(Shape):
    """The register, what is to be changed first; `due` counts it."""

    access_keys: list[AccessKeyShape]
    due: int
