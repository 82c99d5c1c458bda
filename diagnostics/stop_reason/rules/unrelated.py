"""Stops and events that are certainly no failed pull, and the neighbours of a pull: what fails before or after it."""

from __future__ import annotations

from diagnostics.stop_reason.rules.base import Rule
from diagnostics.stop_reason.symptoms import SymptomId

_A_PULL = (
    "cannotpull", "resourceinitializationerror", "dockertimeouterror", "unable to pull", "failed to pull",
    "cannot pull", "can't pull", "pull access denied", "pull image", "failed to resolve", "failed to copy",
    "failed to register layer", "manifest for", "manifest unknown", "assume the role", "exec format error",
    "no space left", "pull command failed", "image pull", "error pulling", "create network interface",
    "resource:eni", "error response from daemon", ".ecr.", "/v2/", "toomanyrequests", "getauthorizationtoken",
    "from asm", "from ssm", "ecr:",
)  # fmt: skip

UNRELATED = (
    Rule(
        SymptomId.NONE,
        says=(
            "essential container in task exited", "scaling activity initiated by", "stopped by user", "outofmemory",
            "health check", "spot interruption", "spot task was interrupted", "spot capacity",
            "instance is terminating", "has reached a steady state", "has started ", "has stopped ", "registered ",
            "draining connections", "deployment completed", "deployment failed", "rolling back to", "host ec2",
            "task stopped by", "userinitiated", "service scheduler initiated", "deployment circuit breaker",
            "no container instance", "capacity is unavailable", "exit code", "user initiated", "internalerror",
            "parent service deployment", "because your account is currently blocked", "maintenance",
            "container instance is draining", "is unhealthy in", "essentialcontainerexited", "spotinterruption",
            "terminationnotice", "serviceschedulerinitiated", "retirement", "resource:memory", "resource:cpu",
            "resource:ports", "resource:gpu", "resource:fargate", "empty capacity provider", "running tasks limit",
            "limit on the number of tasks", "vcpulimitexceeded", "could not launch instances",
            "was unable to place a task because no", "missing an attribute required", "agent is disconnected",
        ),
        never=_A_PULL,
        about_pull=False,
    ),
    # What comes after a pull that went well.
    Rule(
        SymptomId.NONE,
        says=(
            "cannotstartcontainererror", "cannotstopcontainererror", "cannotinspectcontainererror",
            "cannotcreatecontainererror", "cannotcreatevolumeerror", "containerruntimeerror",
            "containerruntimetimeouterror", "could not transition to started", "could not transition to stopped",
            "could not transition to running", "could not transition to inspecting",
        ),
        never=("cannotpull", "pull access denied", "exec format error", "no space left", "amazon-ecs-pause"),
        about_pull=False,
    ),
    Rule(
        SymptomId.NONE,
        says=("unable to launch instance(s) for capacity provider",),
        never=("iam:passrole",),
        about_pull=False,
    ),
)  # fmt: skip

NEIGHBOURS = (
    Rule(
        SymptomId.ROLE_NOT_ASSUMABLE,
        says=("unable to assume the role", "unable to assume role", "could not assume role"),
        stage="role",
    ),
    Rule(
        SymptomId.EXECUTION_ROLE_MISSING,
        says=("to have execution role arn", "execution role arn to support", "engine ecr credentials: not found"),
        stage="role",
    ),
    Rule(
        SymptomId.PASSROLE_MANAGED_INSTANCES,
        says=("iam:passrole",),
        also=("resourceinitializationerror",),
        about_pull=False,
    ),
    Rule(
        SymptomId.ENI_OR_IP_EXHAUSTED,
        says=(
            "create network interface", "insufficientfreeaddressesinsubnet", "does not have enough free addresses",
            "free addresses", "networkinterfacelimitexceeded", "resource:eni",
        ),
        never=("authfailure", "rate limit exceeded", "requestlimitexceeded"),
        about_pull=False,
    ),
    Rule(SymptomId.ENV_FILE_DOWNLOAD_FAILED, where=("subject:env-file",), about_pull=False),
    Rule(
        SymptomId.LOGS_ENDPOINT_UNREACHABLE,
        where=(
            "subject:logs",
            "failure:unsent|failure:timeout|failure:deadline|failure:dns|failure:tls|failure:dropped|failure:canceled",
        ),
        about_pull=False,
    ),
    Rule(SymptomId.LOGS_ENDPOINT_UNREACHABLE, says=("signal: killed",), where=("subject:logs",), about_pull=False),
    # Other trouble with the logs, a volume or the task's interface.
    Rule(SymptomId.NONE, where=("subject:logs|subject:firelens",), about_pull=False),
    Rule(
        SymptomId.NONE,
        says=(
            "to set up efs volumes", "mount system call failed", "failed to configure eni", "netplugin failed",
            "failed to initialize logging driver", "network interface provisioning",
        ),
        about_pull=False,
    ),
    Rule(
        SymptomId.EXEC_FORMAT_ERROR,
        says=("exec format error",),
        never=("failed to register layer", "extract layer"),
        about_pull=False,
    ),
    Rule(
        SymptomId.STOPPED_BEFORE_PULL,
        says=("task stopped before image pull could begin", "taskstoppedbeforepullbegin", "stopped before pull"),
        about_pull=False,
    ),
    Rule(SymptomId.CREATE_TIMEOUT, says=("could not transition to created",), about_pull=False),
    Rule(
        SymptomId.AGENT_INTERNAL_IMAGE,
        says=("amazon/amazon-ecs-pause", "amazon-ecs-pause:", "~internal~ecs~pause"),
        stage="manifest",
    ),
    Rule(
        SymptomId.DAEMON_UNAVAILABLE,
        says=("connect to the docker daemon", "cannotgetdockerclienterror", "is the docker daemon running"),
    ),
)  # fmt: skip
