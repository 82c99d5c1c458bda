"""Another revision of the task definition: registered from the one that is deployed now, deployed, and taken back.

The commands read themselves what is deployed, so that two repairs of one task definition do not lose each other, in whatever
order they are pasted. The new revision carries the tag `REPLACES` with the one before, so that whoever takes it back finds that
and never takes back somebody else's.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

from diagnostics.faults.afterwards import UNDEPLOYED, run_task
from diagnostics.faults.base import World
from diagnostics.faults.service import service_of, update_service
from diagnostics.finding import Fix, ThenText
from diagnostics.pull import StarterKind, starter_of
from diagnostics.snapshot import known_value
from diagnostics.stop_reason import redact
from diagnostics.write import Variable, asked, captured, chain, found, given, literal, quoted, same, word
from diagnostics.write.query import TO_REGISTER, DefinitionChange, changed_definition, changed_job_definition

REPLACES = "pullcheck"
"""The key of the tag that names the revision before."""

Deployer = Literal["service", "code_deploy", "external", "batch", "family"]
"""Who deploys a task definition. `family`: nobody; whoever starts the next task names the family or a revision of it."""

JOB = asked("JOB_DEFINITION", "the name of the job definition, without a revision")
"""What a person fills in: a task of AWS Batch does not name the job definition that it was made from."""

_BEFORE, _AFTER = Variable("BEFORE"), Variable("AFTER")
_NEWEST_JOB = "max_by(jobDefinitions, &revision)"
_ROLLED_OUT = f"services[0].deployments[?{same('status', 'PRIMARY')}].rolloutState | [0]"
_DEPLOYED = "--query service.taskDefinition"
_ONE_AT_A_TIME = "CodeDeploy makes one deployment of a service at a time and refuses a second one: stop the one that is under way first (aws deploy stop-deployment)."
_NOT_OURS = "revision of this repair; another has been registered since"

_NEXT: dict[StarterKind, str] = {
    # https://docs.aws.amazon.com/batch/latest/userguide/job_definitions.html
    "batch": "AWS Batch makes the task definition from its job definition, which has a new revision now: submit the job again.",
    # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-external.html
    "task_set": "A task set keeps its revision: the tool that deploys the service must make a new task set with this one (aws ecs create-task-set). Nothing starts with it before that.",
    "event_rule": "The EventBridge rule {name} starts the next task when it fires again; where its target names a revision, put the new one there (aws events put-targets).",
    "schedule": "The schedule {name} starts the next task when it is due again; where its target names a revision, put the new one there (aws scheduler update-schedule).",
    "step_functions": "Where the state machine names a revision, put the new one there, then start the execution again.",
}


def deployer_of(world: World) -> Deployer:
    """Who deploys the task definition of a task or service."""
    kind = _starter(world)[0]
    if kind == "code_deploy":
        return "code_deploy"
    if kind == "task_set":
        return "external"
    if kind == "batch":
        return "batch"
    return "service" if service_of(world) and kind in ("service", None) else "family"


def revised(
    world: World,
    *,
    title: str,
    text: str,
    change: DefinitionChange,
    shows: str,
    expect: str,
    first: tuple[str | None, ...] = (),
    last: tuple[str, ...] = (),
    warning: str | None = None,
    undo_note: str | None = None,
    code: tuple[str | None, str | None] = (None, None),
    without: Collection[str] = (),
) -> Fix:
    """A repair by another revision of the task definition.

    Args:
        title: the change in a few words.
        text: the same in a sentence or two.
        change: what becomes another in the definition.
        shows: the query of a task definition that prints `expect` of the new revision.
        expect: what it prints.
        first: commands before that, and what a person fills in; each stops it if it fails.
        last: what takes those back, once the former revision is deployed again.
        warning: what to know before.
        undo_note: what stays.
        code: the same as Terraform and as CloudFormation.
        without: members of the definition that go; a job definition keeps them.
    """
    if world.snapshot.is_undeployed:
        return Fix(
            title=title,
            text=text,
            warning=warning,
            undo_note=undo_note,
            terraform=code[0],
            cloudformation=code[1],
            then=UNDEPLOYED,
        )
    code_deploy = _ONE_AT_A_TIME if deployer_of(world) == "code_deploy" else None
    return Fix(
        title=title,
        text=text,
        warning=" ".join(filter(None, (warning, code_deploy))) or None,
        cli=chain(*first, *_make(world, change, without)),
        verify=chain(*_shown(world, shows)),
        expect=expect,
        undo=chain(*_take_back(world), *last),
        undo_note=undo_note,
        terraform=code[0],
        cloudformation=code[1],
        then=_then(world),
    )


def deployed_again(world: World, *, title: str, text: str) -> Fix:
    """A repair by a deployment of the same revision, at which ECS resolves the tags of its images again."""
    if world.snapshot.is_undeployed:
        return Fix(title=title, text=text, then=UNDEPLOYED)
    deployer = deployer_of(world)
    if deployer == "service":
        return Fix(
            title=title,
            text=text,
            cli=update_service(world, f"--force-new-deployment {_DEPLOYED}"),
            verify=f"{_service(world)} --query {word(_ROLLED_OUT)} --output text",
            expect="COMPLETED",
            undo_note="There is nothing to take back: the revision stays the same, and its tasks are started again.",
        )
    if deployer == "code_deploy":
        now = captured(_BEFORE, _service(world), "services[0].taskSets[?externalId].taskDefinition | [0]")
        return Fix(
            title=title,
            text=text,
            warning=_ONE_AT_A_TIME,
            cli=chain(now, *_by_code_deploy(world, _BEFORE)),
            undo_note="There is nothing to take back: the revision stays the same, and its tasks are started again.",
        )
    return Fix(text=text)


def _then(world: World) -> str:
    deployer, (kind, name) = deployer_of(world), _starter(world)
    if deployer == "service":
        return "ECS starts tasks of the new revision at once, and stops those of the old one as the new ones run."
    if deployer == "code_deploy":
        return "CodeDeploy starts a task set of the new revision, and moves the traffic to it as the deployment group says."
    if kind in _NEXT:
        return _NEXT[kind].format(name=redact(name or "that started it")[:100])
    again = run_task(world, _family(world))
    with_overrides = f", with the overrides that it had: {again}" if again else " (aws ecs run-task)."
    return ThenText(f"Nothing starts a task of the new revision by itself. Run it{with_overrides}", again)


def _family(world: World) -> str | None:
    definition = known_value(world.snapshot.task_definition)
    return definition.family if definition else None


def _starter(world: World) -> tuple[StarterKind | None, str | None]:
    task, service = known_value(world.snapshot.task), known_value(world.snapshot.service)
    starter = starter_of(task, service) if task is not None else None
    controller = service.deployment_controller if service else None
    if controller is not None and (starter is None or starter.kind == "service"):
        if controller.type == "CODE_DEPLOY":
            return "code_deploy", service.service_name if service else None
        if controller.type == "EXTERNAL":
            return "task_set", service.service_name if service else None
    return (starter.kind, starter.name) if starter else (None, None)


def _describe(world: World, which: str) -> str:
    return f"aws ecs describe-task-definition --task-definition {which} --include TAGS --region {quoted(world.region)}"


def _service(world: World) -> str:
    cluster, service = service_of(world) or ("", "")
    return f"aws ecs describe-services --cluster {quoted(cluster)} --services {quoted(service)} --region {quoted(world.region)}"


def _newest(world: World) -> str:
    family = _family(world)
    return quoted(family) if family else quoted(Variable("TASK_DEFINITION"))


def _jobs(world: World) -> str:
    return f"aws batch describe-job-definitions --job-definition-name {quoted(JOB)} --status ACTIVE --region {quoted(world.region)}"


def _container(world: World) -> str:
    """The container of a job with one: Batch calls it `default`."""
    definition = known_value(world.snapshot.task_definition)
    names = [item.name for item in definition.container_definitions] if definition else []
    return names[0] if len(names) == 1 else "default"


def _read(world: World, variable: Variable) -> str:
    """Puts the revision that is deployed now into a variable."""
    deployer = deployer_of(world)
    if deployer == "service":
        return captured(variable, _service(world), "services[0].taskDefinition")
    if deployer == "batch":
        return found(variable, _jobs(world), f"{_NEWEST_JOB}.jobDefinitionArn", "job definition of this name")
    return captured(variable, _describe(world, _newest(world)), "taskDefinition.taskDefinitionArn")


def _make(world: World, change: DefinitionChange, without: Collection[str]) -> tuple[str | None, ...]:
    if deployer_of(world) == "batch":
        return _make_job(world, change)
    # The newest of the family is the one that failed, or what another repair made of it.
    source = _newest(world) if _rolled_back(world) else quoted(_BEFORE)
    query = changed_definition(change, (REPLACES, literal(_BEFORE)), without)
    return (
        _read(world, _BEFORE),
        f"NEW=$({_describe(world, source)} --query {word(query)} --output json | {TO_REGISTER})",
        captured(
            _AFTER,
            f'aws ecs register-task-definition --cli-input-json "$NEW" --region {quoted(world.region)}',
            "taskDefinition.taskDefinitionArn",
        ),
        *_deploy(world, _AFTER),
    )


def _rolled_back(world: World) -> bool:
    """True where the service has an older revision again than the one that is judged."""
    definition, service = known_value(world.snapshot.task_definition), known_value(world.snapshot.service)
    if definition is None or service is None or service.task_definition is None:
        return False
    family, _, now = service.task_definition.rpartition(":")
    judged, _, failed = definition.task_definition_arn.rpartition(":")
    return family == judged and now.isdigit() and failed.isdigit() and int(now) < int(failed)


def _make_job(world: World, change: DefinitionChange) -> tuple[str | None, ...]:
    query = changed_job_definition(change, (REPLACES, literal(_BEFORE)), _container(world))
    return (
        JOB,
        _read(world, _BEFORE),
        f"NEW=$({_jobs(world)} --query {word(f'{_NEWEST_JOB}.{query}')} --output json)",
        f'aws batch register-job-definition --cli-input-json "$NEW" --region {quoted(world.region)} --query jobDefinitionArn --output text',
    )


def _deploy(world: World, revision: Variable) -> tuple[str, ...]:
    """Commands that deploy a revision; none where its owner's tool does, or whoever starts the next task."""
    deployer = deployer_of(world)
    if deployer == "service":
        command = update_service(world, f"--task-definition {quoted(revision)} {_DEPLOYED}")
        return (command,) if command else ()
    return _by_code_deploy(world, revision) if deployer == "code_deploy" else ()


def _by_code_deploy(world: World, revision: Variable) -> tuple[str, ...]:
    """A deployment by the application and group of the one before, to the same container and port.

    https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-resources.html
    """
    region = quoted(world.region)
    balancer = "loadBalancers[0]"
    target = (
        f"{{TaskDefinition: {literal(revision)}, LoadBalancerInfo: "
        f"{{ContainerName: {balancer}.containerName, ContainerPort: {balancer}.containerPort}}}}"
    )
    resource = f"{{TargetService: {{Type: {literal('AWS::ECS::Service')}, Properties: {target}}}}}"
    spec = f"to_string({{version: `0.0`, Resources: [{resource}]}})"
    content = (
        f"services[0].{{revisionType: {literal('AppSpecContent')}, appSpecContent: {{content: {spec}}}}}"
    )
    deployment = f'aws deploy get-deployment --deployment-id "$DEPLOYMENT" --region {region}'
    return (
        found(
            "DEPLOYMENT",
            _service(world),
            "services[0].taskSets[?externalId].externalId | [0]",
            "CodeDeploy deployment of the service",
        ),
        captured("APPLICATION", deployment, "deploymentInfo.applicationName"),
        captured("DEPLOYMENT_GROUP", deployment, "deploymentInfo.deploymentGroupName"),
        f"APPSPEC=$({_service(world)} --query {word(content)} --output json)",
        'aws deploy create-deployment --application-name "$APPLICATION" --deployment-group-name "$DEPLOYMENT_GROUP"'
        f' --revision "$APPSPEC" --region {region} --query deploymentId --output text',
    )


def _shown(world: World, query: str) -> tuple[str | None, ...]:
    deployer = deployer_of(world)
    if deployer == "service":
        revision = Variable("REVISION")
        return _read(world, revision), _printed(world, quoted(revision), f"taskDefinition.{query}")
    if deployer == "batch":
        # One container stands at the top of a job definition, and has no name there.
        one = "ecsProperties.taskProperties[0].{containerDefinitions: containers, ephemeralStorage: ephemeralStorage}"
        container = f"containerProperties.merge(@, {{name: {literal(_container(world))}}})"
        top = f"merge(containerProperties, {{containerDefinitions: [{container}]}})"
        parts = f"[{given('ecsProperties', one)}, {given('containerProperties', top)}]"
        return JOB, f"{_jobs(world)} --query {word(f'{_NEWEST_JOB}.{parts}[?@] | [0].{query}')} --output text"
    return (_printed(world, _newest(world), f"taskDefinition.{query}"),)


def _printed(world: World, revision: str, query: str) -> str:
    return f"aws ecs describe-task-definition --task-definition {revision} --region {quoted(world.region)} --query {word(query)} --output text"


def _take_back(world: World) -> tuple[str | None, ...]:
    if deployer_of(world) == "batch":
        tag = f'{_NEWEST_JOB}.tags."{REPLACES}"'
        return (
            JOB,
            _read(world, _AFTER),
            found(_BEFORE, _jobs(world), tag, _NOT_OURS),
            f"aws batch deregister-job-definition --job-definition {quoted(_AFTER)} --region {quoted(world.region)}",
        )
    return (
        _read(world, _AFTER),
        found(
            _BEFORE,
            _describe(world, quoted(_AFTER)),
            f"tags[?key=={literal(REPLACES)}].value | [0]",
            _NOT_OURS,
        ),
        *_deploy(world, _BEFORE),
        f"aws ecs deregister-task-definition --task-definition {quoted(_AFTER)} --region {quoted(world.region)}"
        " --query taskDefinition.status --output text",
    )
