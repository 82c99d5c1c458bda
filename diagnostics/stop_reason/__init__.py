"""What an error text shows: the symptom, the stage of the pull that it speaks of, and the evidence in it."""

from diagnostics.redaction import redact
from diagnostics.stop_reason.classify import classify
from diagnostics.stop_reason.model import STAGES, Denial, Stage, Symptom

__all__ = ["STAGES", "Denial", "Stage", "Symptom", "classify", "redact"]
