"""ECR's lifecycle policies: what they do to the images of a repository, and what they will do."""

from diagnostics.lifecycle.evaluation import acted_on, rule_of, with_referrers
from diagnostics.lifecycle.outlook import Outlook, outlook
from diagnostics.lifecycle.rules import BEGINNING, LifecycleRule, StoredImage, parse_rules

__all__ = [
    "BEGINNING",
    "LifecycleRule",
    "Outlook",
    "StoredImage",
    "acted_on",
    "outlook",
    "parse_rules",
    "rule_of",
    "with_referrers",
]
