"""What the printed side of an evidence bundle needs from presentation: words, and who witnesses the log.

The bundle goes to Vietnamese authorities, so its words are Vietnamese whatever language the screen has.
"""

from app.http import texts
from app.http.ports import RuntimePort
from app.services.evidence_files import Sources


def evidence_sources(port: RuntimePort) -> Sources:
    """Return where the rest of a bundle comes from in this installation."""
    round_ = port.witnesses
    return Sources(
        log=port.published,
        words=texts.text,
        witnesses=() if round_ is None else round_.policy.witnesses,
    )
