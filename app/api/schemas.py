"""The shapes of the device API, from which its OpenAPI document is made and its small bodies are checked.

Strict: a number in quotes is not a number, an unknown field is an error. Envelopes are described here for
readers and checked by `crypto`, because they must be read byte for byte. No rule of custody lives here.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field


def _whole(value: object) -> object:
    # JSON Schema calls 5.0 an integer, so it is one here too.
    return int(value) if isinstance(value, float) and value.is_integer() else value


MOST_SCANS = 100

WholeNumber = Annotated[int, BeforeValidator(_whole)]
Digest = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
KeyName = Annotated[str, Field(pattern="^[0-9a-f]{16}$")]
Code = Annotated[str, Field(pattern="^[A-Z]{2}[0-9]{9}[A-Z]{2}$")]
UnitCode = Annotated[str, Field(min_length=1, max_length=16)]


class Shape(BaseModel):
    """The base of all: strict, closed, frozen."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Signature(Shape):
    """One Ed25519 signature over the DSSE pre-authentication encoding."""

    keyid: KeyName
    sig: Annotated[str, Field(description="64 bytes in base64")]


class EnvelopeBody(Shape):
    """A DSSE envelope with exactly one signature; see docs/formats/envelope.md."""

    payload: Annotated[str, Field(description="canonical JSON of the evidence, in base64")]
    payloadType: Literal["application/vnd.kt1.evidence.v1+json"]  # noqa: N815  # DSSE's own name
    signatures: Annotated[list[Signature], Field(min_length=1, max_length=1)]


class ScansBody(Shape):
    """Scans in the device's own order; each is judged alone and answered at the same position.

    An envelope holds a handover or an act (docs/formats/evidence.md). What is not an envelope stops no
    other: it gets its own error at its own position.
    """

    envelopes: Annotated[list[EnvelopeBody | Any], Field(min_length=1, max_length=MOST_SCANS)]


class RegistrationBody(Shape):
    """The form of a registration; the sender is the unit of the device's owner."""

    recipient_unit: UnitCode
    receiver_name: Annotated[str, Field(max_length=120)] = ""
    named_only: bool = False
    secrecy: Literal["none", "A", "B", "C"] = "none"
    express: bool = False
    appointed_at: Annotated[str, Field(max_length=35, description="RFC 3339; Hẹn giờ when given")] = ""
    document_numbers: Annotated[
        list[Annotated[str, Field(min_length=1, max_length=120, pattern="^[^;]*$")]], Field(max_length=20)
    ] = []
    document_date: Annotated[str, Field(max_length=10, description="yyyy-mm-dd")] = ""
    document_type: Annotated[str, Field(max_length=60)] = ""
    abstract: Annotated[str, Field(max_length=500, description="never for secrecy A")] = ""
    pieces: Annotated[WholeNumber, Field(json_schema_extra={"minimum": 1, "maximum": 999})] = 1
    weight_g: Annotated[WholeNumber, Field(json_schema_extra={"minimum": 1, "maximum": 100_000})]
    inner_envelope: bool = False
    outer_envelope: bool = False
    sealed: bool = False
    seal: Annotated[str, Field(max_length=32)] = ""
    confirm_duplicate: Annotated[bool, Field(description="register although the same document is there")] = (
        False
    )


class CodePath(Shape):
    """The 13-character code of a consignment."""

    code: Code


class ScanPath(Shape):
    """The name of a scan, which the device gave it."""

    scan: Annotated[
        str, Field(pattern="^[0-9a-f]{8}-[0-9a-f]{4}-[47][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$")
    ]


class TimelineQuery(Shape):
    """Where an earlier page of a timeline ended: its `next_before`."""

    # The address holds text; only here a number arrives as digits.
    before: int | None = Field(default=None, ge=0, le=10**15, strict=False)


class ProblemAnswer(Shape):
    """One wrong field."""

    field: str
    row: int | None
    column: str | None
    code: str
    message: str


class ErrorAnswer(Shape):
    """What went wrong, as a stable code and in the caller's language."""

    code: str
    message: str
    problems: list[ProblemAnswer]


class Failure(Shape):
    """The body of every error."""

    error: ErrorAnswer


class EntryAnswer(Shape):
    """Where the log recorded it: the receipt's core, signed by the log."""

    index: int
    hash: Digest
    signature: str


class LineAnswer(Shape):
    """What was decided about one line: `read` as the device sent it, `code` of the item."""

    read: str
    code: str
    outcome: Literal["accepted", "refused"]
    refusal: str
    message: str


class NoticeAnswer(Shape):
    """What the device's clock gives reason to say; it changes nothing about the scan."""

    code: Literal["clock_ahead", "came_late"]
    message: str


class ClosedAnswer(Shape):
    """The closed section for which lines were refused: until when, and the office to go to meanwhile."""

    closing: str
    office: str
    reason: str
    closed_at: str
    expected_at: str
    instead: str | None


class ScanAnswer(Shape):
    """What became of one scan: `entry` says where it was recorded, `error` what the device did wrong.

    The first line of an act is its subject, and the lines of the act follow.
    """

    scan: str | None
    status: Literal["accepted", "refused", "partly", "duplicate", "conflict", "error"]
    lines: list[LineAnswer]
    entry: EntryAnswer | None
    notice: NoticeAnswer | None
    closed: ClosedAnswer | None
    error: ErrorAnswer | None


class ScansAnswer(Shape):
    """One result for each envelope, in the same order."""

    results: list[ScanAnswer]


class OfferAnswer(Shape):
    """A handover that waits for its second half, which is scanned at `place`.

    `at_counter` is true where a delivery or return waits at a post office for the unit's person: whoever
    takes what is graded there has a valid letter of introduction or a mandate of the unit.
    """

    nonce: str
    purpose: Literal["transfer", "delivery", "return"]
    to_unit: str
    to_user: int | None
    place: str
    at_counter: bool
    by: int
    offered_at: str


class ConsignmentAnswer(Shape):
    """What the envelope says, and who answers for it; sealed fields never leave by this road.

    `fits_log` is false when custodian or state are not what was recorded: tell the auditor, trust the log.
    """

    code: Code
    sender_unit: str
    recipient_unit: str
    secrecy: Literal["none", "A", "B", "C"]
    express: bool
    appointed_at: str | None
    scope: Literal["intra", "inter"]
    state: Literal["registered", "in_custody", "delivered", "returned", "cancelled"]
    custodian_user: int
    custodian_unit: str
    named_only: bool
    offer: OfferAnswer | None
    attempts: int
    hold: Literal["quarantined", "stopped"] | None
    registered_at: str
    accepted_at: str | None
    first_attempt_at: str | None
    closed_at: str | None
    fits_log: bool


class ClockAnswer(Shape):
    """One of the two clocks; `not_before_at` is given for Hẹn giờ only."""

    state: Literal["waiting", "running", "overdue", "met", "missed", "early"]
    started_at: str | None
    not_before_at: str | None
    due_at: str | None
    stopped_at: str | None


class RecordAnswer(ConsignmentAnswer):
    """A consignment with its clocks: until the first attempt, and until the slip of the delivery is back.

    `standard_version` 0 is the sample that no competent authority has confirmed.
    """

    delivery_clock: ClockAnswer
    acknowledgement_clock: ClockAnswer
    standard_version: int


class SuspenseQuery(Shape):
    """Which list, and where an earlier page of it ended: its `next_before`."""

    queue: Literal[
        "overdue_delivery", "open_acknowledgement", "overdue_acknowledgement", "slips_to_send", "unclaimed"
    ]
    before: int | None = Field(default=None, ge=0, le=10**15, strict=False)


class OwedAnswer(Shape):
    """One item that something is owed for."""

    code: Code
    delivery_clock: ClockAnswer
    acknowledgement_clock: ClockAnswer
    standard_version: int


class SuspenseAnswer(Shape):
    """A page of what is owed, newest registration first; `next_before` is null at the end."""

    items: list[OwedAnswer]
    total: int
    next_before: int | None


class SlipBody(Shape):
    """A slip that came back, by the text of its symbol or the letters typed off it."""

    slip: Annotated[str, Field(min_length=1, max_length=100)]


class FiledAnswer(Shape):
    """The slip that was filed: which of the four, for which consignment."""

    code: Code
    receipt: Literal["delivered", "returned", "undelivered", "destroyed"]
    entry_mode: Literal["scan", "typed"]
    filed_at: str


class RedirectBody(Shape):
    """Where an item under way shall go instead, and why."""

    recipient_unit: UnitCode
    reason: Literal["wrong_unit", "office_moved", "office_merged", "other_competence"]


class TracerPath(Shape):
    """The number of a tracer in this installation."""

    tracer: int = Field(ge=0, le=10**15, strict=False)


class TracersQuery(Shape):
    """Where an earlier page ended: its `next_before`."""

    before: int | None = Field(default=None, ge=0, le=10**15, strict=False)


class TracerAnswerBody(Shape):
    """The word of the office that was asked."""

    answer: Literal["slip_sent", "slip_sent_again", "held_here", "passed_on", "not_received"]


class TracerShape(Shape):
    """A tracer letter or an investigation: who asks, who answers, by when."""

    id: int
    number: str
    code: Code
    clock: Literal["delivery", "acknowledgement"]
    step: Literal["tracer", "investigation"]
    issuer: str
    to_unit: str
    raised_at: str
    answer_due_at: str | None
    state: Literal["waiting", "late", "answered", "settled"]
    answer: str | None


class TracersAnswer(Shape):
    """A page of tracers of the caller's unit, newest first; `next_before` is null at the end."""

    tracers: list[TracerShape]
    next_before: int | None


class EventAnswer(Shape):
    """One log entry about a consignment; `kind` is null when the stored bytes are no entry any more.

    `verified` says what this server checked just now; proof against this server is the exported bundle.
    """

    index: int
    kind: str | None
    recorded_at: str
    device_at: str | None
    actor: int | None
    outcome: Literal["accepted", "refused"] | None
    refusal: str
    hash: Digest
    verified: bool


class CarriedEventAnswer(EventAnswer):
    """One log entry about a bag that the consignment lay in: inferred for it; `bag` is "" where not told."""

    bag: str


class TimelineAnswer(Shape):
    """A page of the events of one consignment, newest first; `next_before` is null where no older ones are.

    `verified` speaks of the events of this page, and is false when `fits_log` is: custodian or state of the
    item are not what was recorded.
    """

    code: Code
    verified: bool
    fits_log: bool
    events: list[EventAnswer]
    carried: list[CarriedEventAnswer]
    next_before: int | None


class RegisteredAnswer(Shape):
    """A new consignment and its line in the register."""

    consignment: RecordAnswer
    register_number: int
    register_year: int


class HealthAnswer(Shape):
    """The server answers, and may write or not: the log is closed, or the clock is far behind it."""

    status: Literal["ok", "read_only", "clock_went_back"]
    now: str
    why: Annotated[str | None, Field(description="The code of the error that every write gets now")] = None
    message: Annotated[str | None, Field(description="Why, and what to do, in the reader's language")] = None
