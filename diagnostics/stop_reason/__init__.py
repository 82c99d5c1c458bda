"""What an error text shows: the symptom, the stage of the pull that it speaks of, and the evidence in it."""

from diagnostics.redaction import redact
from diagnostics.stop_reason.alert import error_in
from diagnostics.stop_reason.classify import classify
from diagnostics.stop_reason.model import STAGES, Denial, DenialPolicyKind, Stage, Symptom
from diagnostics.stop_reason.s3_answers import S3Answer, s3_answer
from diagnostics.stop_reason.symptoms import SymptomId

__all__ = [
    "STAGES",
    "Denial",
    "DenialPolicyKind",
    "S3Answer",
    "Stage",
    "Symptom",
    "SymptomId",
    "classify",
    "error_in",
    "redact",
    "s3_answer",
]
