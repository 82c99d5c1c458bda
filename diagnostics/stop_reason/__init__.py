"""What an error text shows: the symptom, the stage of the pull that it speaks of, and the evidence in it."""

from diagnostics.stop_reason.classify import classify
from diagnostics.stop_reason.model import STAGES, Denial, Stage, Symptom
from diagnostics.redaction import redact

__all__ = ["STAGES", "Denial", "Stage", "Symptom", "classify", "redact"]
