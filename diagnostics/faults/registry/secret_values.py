"""Commands that put a value into a secret, and take it back. A value never stands in a command.

It comes from a file that a person makes with an editor: what is typed in a shell stays in its history.
"""

from __future__ import annotations

from diagnostics.faults.afterwards import then_for
from diagnostics.faults.base import World
from diagnostics.finding import Fix
from diagnostics.pull import region_named
from diagnostics.snapshot import NOT_ASKED, Fact, Known, Parameter, Secret
from diagnostics.write import OwnFile, Variable, captured, chain, found, literal, quoted, word

FILE = OwnFile("credentials.json")
VALUE = OwnFile("secret.txt")
"""What a person writes: registry credentials, or the value of another secret or parameter."""
SECRET_ARN = Variable("SECRET_ARN")
LOGIN = '{"username":"…","password":"…"}'
"""What the secret of repositoryCredentials holds.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/private-auth.html
"""
UPSTREAM_LOGIN = '{"username":"…","accessToken":"…"}'
"""What the secret of a pull-through cache rule holds.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache-creating-secret.html
"""


def write_the_file(holds: str, file: OwnFile = FILE) -> str:
    """The sentence that says what a person does first."""
    return f"First make the file {file} with an editor, so that no password stays in the shell's history: it holds {holds}. Delete it afterwards."


def new_secret(name: str, region: str, file: OwnFile = FILE) -> str:
    """A command that keeps the content of the file in a new secret, whose ARN is then `SECRET_ARN`."""
    create = f"aws secretsmanager create-secret --name {quoted(name)} --secret-string {quoted(file)} --region {quoted(region)}"
    return captured(SECRET_ARN, create, "ARN")


def without_secret(name: str, region: str) -> str:
    """A command that takes back a secret which was made on the way; its value is that of the file, so that nothing is lost."""
    return f"aws secretsmanager delete-secret --secret-id {quoted(name)} --force-delete-without-recovery --region {quoted(region)} --query Name --output text"


def other_value(
    world: World,
    secret: str,
    holds: str,
    *,
    text: str,
    file: OwnFile = FILE,
    facts: Fact[Secret] | Fact[Parameter] | None = None,
) -> Fix:
    """A repair by another value of a secret that exists; `facts` are those of the secret, by default those under this name."""
    region = region_named(secret) or world.region
    which = f"--secret-id {quoted(secret)} --region {quoted(region)}"
    fact = facts if facts is not None else world.snapshot.secrets.get(secret, NOT_ASKED)
    found_there = fact.value if isinstance(fact, Known) else None
    versions = found_there.version_ids_to_stages if isinstance(found_there, Secret) else None
    now = next((name for name, stages in (versions or {}).items() if "AWSCURRENT" in stages), None)
    newer = f"length(Versions[?contains(VersionStages, {literal('AWSCURRENT')}) && VersionId!={literal(now or '')}])"
    empty = versions == {}
    return Fix(
        title="Put another value into the secret",
        text=f"{text} {write_the_file(holds, file)}",
        warning="All that reads this secret gets the new value.",
        cli=f"aws secretsmanager put-secret-value {which} --secret-string {quoted(file)} --query VersionId --output text",
        verify=f"aws secretsmanager list-secret-version-ids {which} --query {word(newer)} --output text"
        if now or empty
        else None,
        expect="1" if now or empty else None,
        undo=None if empty else previous_value(secret, region),
        undo_note="A secret that had no value cannot be made empty again." if empty else None,
        then=then_for(world),
    )


def previous_value(secret: str, region: str) -> str:
    """Commands that make the value before the current one the current one again."""
    which = f"--secret-id {quoted(secret)} --region {quoted(region)}"
    versions = f"aws secretsmanager list-secret-version-ids {which}"

    def having(stage: str) -> str:
        return f"Versions[?contains(VersionStages, {literal(stage)})].VersionId | [0]"

    return chain(
        found("OLD_VERSION", versions, having("AWSPREVIOUS"), "value before this one"),
        captured("NEW_VERSION", versions, having("AWSCURRENT")),
        f"aws secretsmanager update-secret-version-stage {which} --version-stage AWSCURRENT"
        f" --move-to-version-id {quoted(Variable('OLD_VERSION'))} --remove-from-version-id {quoted(Variable('NEW_VERSION'))}"
        " --query Name --output text",
    )
