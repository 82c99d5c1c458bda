"""The faults of registries: the pull-through cache, outside registries and their credentials, limits and outages."""

from __future__ import annotations

from diagnostics.faults.texts import NO_ANSWER, NO_CREDENTIALS, NOT_FOUND, REFUSED
from diagnostics.finding import Explains, Fault
from diagnostics.stop_reason import SymptomId

CACHE_PAGE = "https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache.html"
CACHE_TROUBLE = "https://docs.aws.amazon.com/AmazonECR/latest/userguide/error-pullthroughcache.html"
PRIVATE_AUTH = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/private-auth.html"

RULE_MISSING = Fault(
    id="pull-through-cache-rule-missing",
    kind="image",
    title="A pull-through cache rule serves the reference's prefix",
    why="The image's name begins like one of a pull-through cache, but this registry has no rule for that prefix in this Region, so ECR looks for an ordinary repository of that name and finds none.",
    how="Create the rule, or name the prefix of a rule that exists.",
    source=CACHE_PAGE,
    explains=Explains(
        symptoms=(
            *NOT_FOUND,
            SymptomId.ECR_403_UNSPECIFIED,
            SymptomId.ECR_PULL_DENIED_UNSPECIFIED,
            SymptomId.REGISTRY_ACCESS_DENIED,
        )
    ),
)
CACHE_PERMISSION = Fault(
    id="pull-through-cache-permission-missing",
    kind="image",
    title="The pulling role may import through the pull-through cache rule",
    why="On the first pull ECR creates the repository and imports the image in the name of the role that pulls. The role lacks ecr:CreateRepository or ecr:BatchImportUpstreamImage, which the usual policy of an execution role does not hold, and ECR answers that there is no such repository or image.",
    how="Allow the role both actions on the cache's repositories, or allow them in the registry policy.",
    source="https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache-iam.html",
    explains=Explains(
        symptoms=(
            *NOT_FOUND,
            SymptomId.ECR_403_UNSPECIFIED,
            SymptomId.ECR_PULL_DENIED_UNSPECIFIED,
            SymptomId.REGISTRY_ACCESS_DENIED,
        ),
    ),
)
LIBRARY_PREFIX = Fault(
    id="pull-through-cache-library-prefix",
    kind="permission",
    title="A Docker Hub official image is named with library/ in the pull-through cache",
    why="Docker Hub keeps its official images under library/. Docker adds that by itself for Docker Hub, but not for a pull-through cache, so the cache asks Docker Hub for an image that does not exist and answers 403.",
    how="Put library/ after the cache's prefix.",
    source=CACHE_TROUBLE,
    explains=Explains(symptoms=(*REFUSED, *NOT_FOUND)),
)
CACHE_SECRET = Fault(
    id="pull-through-cache-secret-unusable",
    kind="image",
    title="The secret of the pull-through cache rule can be used",
    why="The rule logs in to its upstream registry with a secret. The secret is missing, is scheduled for deletion, or is not one that ECR may use: its name must begin with ecr-pullthroughcache/, and it must be in the account and Region of the rule.",
    how="Create the secret with a name that ECR accepts, and give it to the rule.",
    source="https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache-creating-secret.html",
    explains=Explains(
        symptoms=(
            *NOT_FOUND,
            SymptomId.ECR_403_UNSPECIFIED,
            SymptomId.ECR_PULL_DENIED_UNSPECIFIED,
            SymptomId.REGISTRY_ACCESS_DENIED,
        )
    ),
)
NEEDS_INTERNET = Fault(
    id="pull-through-cache-needs-internet",
    kind="network",
    title="The first pull through the cache has a way to the internet",
    why="The image is not in the cache yet. The first pull of an image through a pull-through cache needs a route to the internet, even where ECR's interface endpoints carry every later one, and this subnet has endpoints only.",
    how="Pull the image once from where there is a way to the internet, or give the subnet a route to a NAT gateway.",
    source="https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html#ecr-vpc-endpoint-considerations",
    explains=Explains(symptoms=NO_ANSWER, over=("internet",)),
)
HUB_LIMIT = Fault(
    id="docker-hub-rate-limit",
    kind="limit",
    title="Docker Hub's pull limit is not reached",
    why="Docker Hub counts anonymous pulls by address, 100 in six hours, and all tasks behind one NAT gateway share one address.",
    how="Pull with the credentials of an account (repositoryCredentials), through a pull-through cache rule, or from a copy in ECR.",
    source="https://repost.aws/knowledge-center/ecs-pull-container-error-rate-limit",
    explains=Explains(
        symptoms=(
            SymptomId.LAYER_COPY_FAILED_UNSPECIFIED,
            SymptomId.REGISTRY_ACCESS_DENIED,
            SymptomId.DOCKERHUB_RATE_LIMIT,
        )
    ),
    text_only=True,
)
PUBLIC_LIMIT = Fault(
    id="ecr-public-rate-limit",
    kind="limit",
    title="The limit of public.ecr.aws is not reached",
    why="Amazon ECR Public limits anonymous pulls by rate and by the amount of data. Many tasks that start at once reach the limit together.",
    how="Pull through a pull-through cache rule for public.ecr.aws, and spread the starts.",
    source="https://docs.aws.amazon.com/AmazonECR/latest/public/public-service-quotas.html",
    explains=Explains(symptoms=(SymptomId.LAYER_COPY_FAILED_UNSPECIFIED, SymptomId.ECR_PUBLIC_RATE_LIMIT)),
    text_only=True,
)
THROTTLED = Fault(
    id="ecr-throttled",
    kind="limit",
    title="ECR does not throttle the pull",
    why="ECR limits how many requests an account makes in a Region. Many tasks that start in the same moment reach the limit together.",
    how="Start again, spread the starts, or ask for a higher quota.",
    source="https://docs.aws.amazon.com/AmazonECR/latest/userguide/service-quotas.html",
    explains=Explains(symptoms=(SymptomId.LAYER_COPY_FAILED_UNSPECIFIED, SymptomId.ECR_THROTTLED)),
    text_only=True,
)
OUTAGE = Fault(
    id="registry-outage",
    kind="limit",
    title="The registry answers without errors of its own",
    why="The registry was reached and answered with a server error, or dropped the connection. That is its own trouble, or that of a proxy on the way, unless something here explains it.",
    how="Look at the registry's status page and start again; keep a copy of the image in ECR.",
    source="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_cannot_pull_image.html",
    explains=Explains(
        symptoms=(
            SymptomId.ECR_API_UNREACHABLE,
            SymptomId.ECR_DKR_UNREACHABLE,
            SymptomId.S3_LAYERS_UNREACHABLE,
            SymptomId.REGISTRY_UNREACHABLE,
            SymptomId.TLS_FAILURE,
            SymptomId.CONNECTION_REFUSED_RESET,
            SymptomId.PULL_CONTEXT_CANCELED,
            SymptomId.LAYER_COPY_FAILED_UNSPECIFIED,
            SymptomId.LAYER_VERIFICATION_FAILED,
            SymptomId.REGISTRY_5XX,
            SymptomId.PULL_TIMEOUT,
        )
    ),
    text_only=True,
)
CREDENTIALS_MISSING = Fault(
    id="registry-credentials-missing",
    kind="secret",
    title="A private image of an outside registry has repositoryCredentials",
    why="The registry refused the pull, and the container definition names no credentials. A private image needs some; an image that does not exist is refused with the same words.",
    how="Keep the credentials in a secret and name it in repositoryCredentials, or correct the image. An ECR image must be written with its full host name.",
    source=PRIVATE_AUTH,
    explains=Explains(symptoms=(*NO_CREDENTIALS, SymptomId.LAYER_COPY_FAILED_UNSPECIFIED)),
    text_only=True,
)
CREDENTIALS_INVALID = Fault(
    id="registry-credentials-invalid",
    kind="secret",
    title="The outside registry accepts the credentials",
    why="The registry refused the credentials that were sent: the password or token is wrong, has expired, or does not open this image.",
    how="Put working credentials into the secret, as JSON with username and password, and start the task again.",
    source=PRIVATE_AUTH,
    explains=Explains(symptoms=(*NO_CREDENTIALS, SymptomId.AUTH_TOKEN_EXPIRED)),
    text_only=True,
)
