"""What a clock is to storage, and how far it may step back before nothing is written by it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

Clock = Callable[[], datetime]
LARGEST_STEP_BACK: Final = timedelta(hours=24)
