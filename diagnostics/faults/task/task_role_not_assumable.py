"""The task role, which pulls nothing, is missing or does not trust ECS: no task starts with it."""

from __future__ import annotations

from diagnostics import console
from diagnostics.faults.base import Room, Subject, World, fails, skipped, unseen
from diagnostics.faults.permissions.role_trust_denies import trusts_ecs
from diagnostics.faults.revision import deployer_of, revised
from diagnostics.faults.task_definition import family_of
from diagnostics.faults.told import TEXT_ONLY, said, text_evidence
from diagnostics.finding import Evidence, Explains, Fault, Fix, Outcome, Ways
from diagnostics.pull import task_role_of
from diagnostics.snapshot import NOT_ASKED, need
from diagnostics.stop_reason import SymptomId
from diagnostics.write import asked, literal, named

TASK_ROLE_NOT_ASSUMABLE = Fault(
    id="task-role-not-assumable",
    kind="role",
    title="The task role can be assumed by ECS",
    short="ECS cannot assume its task role",
    why="The task definition names a task role for the programs in its containers. ECS assumes it before the task starts; where it does not exist or does not trust ecs-tasks.amazonaws.com, the task does not start, though the role has no part in the pull.",
    how="Create the role again, correct taskRoleArn in the task definition, or let the role trust ecs-tasks.amazonaws.com.",
    source="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html",
    explains=Explains(symptoms=(SymptomId.ROLE_NOT_ASSUMABLE,)),
)


def _judge(world: World, subject: Subject) -> Outcome:
    """Judged only where the text names this role: it is read for nothing else."""
    symptom, arn = said(world, SymptomId.ROLE_NOT_ASSUMABLE), task_role_of(world.snapshot)
    if symptom is None:
        return unseen(TASK_ROLE_NOT_ASSUMABLE, TEXT_ONLY)
    if arn is None:
        need(world.snapshot.task_definition)
    if arn is None or symptom.role_arn != arn or world.snapshot.task_role == NOT_ASKED:
        return skipped(TASK_ROLE_NOT_ASSUMABLE, "the error text does not name the task role")
    role = need(world.snapshot.task_role)
    name = arn.rpartition("/")[2]
    if role is not None:
        outcome = trusts_ecs(world, role)
        more = (*outcome.evidence, text_evidence(symptom)) if outcome.evidence else ()
        return outcome.model_copy(update={"fault": TASK_ROLE_NOT_ASSUMABLE, "evidence": more})
    return fails(
        TASK_ROLE_NOT_ASSUMABLE,
        f"The task role {name} does not exist.",
        stage="role",
        resources=(arn,),
        evidence=(
            Evidence(what=f"there is no role {arn}", source="iam:GetRole"),
            text_evidence(symptom),
        ),
        fix=_ways(world, arn, name),
        console_url=console.role(world.region, name),
    )


ROLE = asked("TASK_ROLE_ARN", "the ARN of the task role that is meant")


def _ways(world: World, arn: str, name: str) -> Ways:
    """Another role, where it is only named wrong; or none, where the programs need none."""
    if deployer_of(world) == "batch":
        return Fix(
            title="Name another job role",
            text=f"Register a revision of the job definition whose jobRoleArn is a role that exists, in place of {name}, or create {name} again with what the programs need.",
        )
    family = named(family_of(world))
    where = "of the aws_ecs_task_definition", "of the AWS::ECS::TaskDefinition"
    other = revised(
        world,
        title="Name another task role",
        text=f"Name the task role that is meant in place of {name}; or create {name} again with what the programs in the containers need.",
        change=("", "", (f"{{taskRoleArn: {literal(ROLE)}}}",)),
        shows=f"taskRoleArn!={literal(arn)}",
        expect="True",
        first=(ROLE,),
    )
    none = revised(
        world,
        title="Run it without a task role",
        text=f"Take {name} out of the task definition, where the programs in its containers need no AWS permissions.",
        warning="Programs in the containers that call AWS are refused then.",
        change=("", "", ()),
        without=("taskRoleArn",),
        shows="taskRoleArn==null",
        expect="True",
        code=(
            f"# Delete task_role_arn {where[0]} {family}, which exists.",
            f"# Delete TaskRoleArn {where[1]} {family}, which exists.",
        ),
    )
    return other, none


ROOM = Room(TASK_ROLE_NOT_ASSUMABLE, _judge)
