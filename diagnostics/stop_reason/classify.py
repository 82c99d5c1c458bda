"""Reads an error text: the first rule of the catalogue that fits names the symptom."""

from __future__ import annotations

from functools import lru_cache

from diagnostics.stop_reason.features import Features, read_features
from diagnostics.stop_reason.model import Stage, Symptom
from diagnostics.stop_reason.normalise import LIMIT, plain, shown
from diagnostics.stop_reason.rules import RULES, Rule
from diagnostics.stop_reason.symptoms import SymptomId

# ContainerStateChange and the agent cut a reason here: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Container.html
_API_CAP = 1024


@lru_cache(maxsize=256)
def classify(text: str, container: str | None = None) -> Symptom:
    """What a text shows: a symptom of the catalogue, the stage that the text speaks of, and the evidence in it.

    A text that no rule fits is `unrecognised`, one that is certainly no failed pull is `none`. Only the first
    20,000 characters are looked at. The newest answers are kept: every failure of an incident says the same, and
    so does each re-run.
    """
    visible = shown(text)
    features = read_features(plain(visible))
    rule = next((rule for rule in RULES if rule.fits(features)), None)
    mentions = features.mentions
    return Symptom(
        id=rule.id if rule else SymptomId.UNRECOGNISED,
        stage=_stage(rule, features),
        text=visible,
        container=container,
        about_pull=rule.about_pull if rule else _speaks_of_a_pull(features),
        host=mentions.host,
        address=mentions.address,
        port=mentions.port,
        resolver=mentions.resolver,
        http_status=mentions.http_status,
        image=mentions.image,
        role_arn=mentions.role_arn,
        secret=mentions.secret,
        denial=mentions.denial,
        truncated=mentions.truncated or len(text) > LIMIT or len(text) == _API_CAP,
    )


def _stage(rule: Rule | None, features: Features) -> Stage | None:
    if rule is not None and (rule.stage or not rule.about_pull):
        return rule.stage
    return features.stage or (rule.usually if rule else None)


def _speaks_of_a_pull(features: Features) -> bool:
    """True if a text that fits no rule is about a pull all the same, by the error's name or the step it names."""
    return (features.stage is not None and "pulling" in features.labels) or any(
        phrase in features.lowered for phrase in ("cannotpull", "unable to pull secrets or registry auth")
    )
