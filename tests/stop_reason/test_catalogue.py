"""Every pattern of the catalogue of pull failures, in its generations of wording: the symptom and the stage."""

from __future__ import annotations

import pytest

from diagnostics.stop_reason import Stage, classify

A = "111122223333"
H = f"{A}.dkr.ecr.us-east-1.amazonaws.com"
DIGEST = "sha256:" + "a" * 64

CATALOGUE: list[tuple[str, str, Stage | None]] = [
# ECR API
("Could not connect to the endpoint URL: \"https://api.ecr.eu-west-1.amazonaws.com/\"","ecr-api-unreachable","login"),
("The task cannot pull registry auth from Amazon ECR: There is a connection issue between the task and Amazon ECR. Check your task network configuration.","ecr-api-unreachable","login"),
("operation error ECR: GetAuthorizationToken, exceeded maximum number of attempts, 3, https response error StatusCode: 0","ecr-api-unreachable","login"),
("operation error ECR: GetAuthorizationToken, exceeded maximum number of attempts, 3, https response error StatusCode: 0, RequestID: , request send failed, Post \"https://ecr.us-east-1.api.aws/\": dial tcp 10.0.3.4:443: i/o timeout","ecr-api-unreachable","login"),
("Post \"https://api.ecr-fips.us-gov-west-1.amazonaws.com/\": dial tcp 10.0.0.9:443: i/o timeout","ecr-api-unreachable","login"),
("ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve ecr registry auth: service call has been retried 3 time(s): RequestError: send request failed caused by: Post \"https://api.ecr.us-east-1.amazonaws.com/\": dial tcp 10.0.1.5:443: connect: connection refused","connection-refused-reset","login"),
("ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve ecr registry auth: service call has been retried 3 time(s): RequestError: send request failed caused by: Post https://api.ecr.cn-north-1.amazonaws.com.cn/: net/http: TLS handshake timeout","tls-failure","login"),
("ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve ecr registry auth: service call has been retried 3 time(s): RequestError: send request failed caused by: Post https://api.ecr.us-east-1.amazonaws.com/: dial tcp: lookup api.ecr.us-east-1.amazonaws.com on 10.0.0.2:53: no such host","dns-failure","login"),
("ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve ecr registry auth: service call has been retried 3 time(s): RequestError: send request failed caused by: Post \"https://api.ecr.us-east-1.amazonaws.com/\": dial tcp [2600:1f18::1]:443: i/o timeout","ipv6-mismatch","login"),
("ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve ecr registry auth: service call has been retried 3 time(s): RequestError: send request failed caused by: Post \"https://api.ecr.us-east-1.amazonaws.com/\": context deadline exceeded","ecr-api-unreachable","login"),
("ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve ecr registry auth: service call has been retried 3 time(s): RequestCanceled: request context canceled caused by: context deadli...","ecr-api-unreachable","login"),
("ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve ecr registry auth: service call has been retried 1 time(s): ThrottlingException: Rate exceeded status code: 400, request id: 1","ecr-throttled","login"),
("ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve ecr registry auth: service call has been retried 1 time(s): UnrecognizedClientException: The security token included in the request is invalid. status code: 400","auth-token-expired","login"),
# dkr
(f"API error (500): Get https://{H}/v2/: net/http: request canceled while waiting for connection (Client.Timeout exceeded while awaiting headers)","ecr-dkr-unreachable","manifest"),
(f"CannotPullContainerError: pull image manifest has been retried 5 time(s): failed to resolve ref {A}.dkr-ecr.us-east-1.on.aws/app:1: failed to do request: Head \"https://{A}.dkr-ecr.us-east-1.on.aws/v2/app/manifests/1\": dial tcp 10.0.1.2:443: i/o timeout","ecr-dkr-unreachable","manifest"),
(f"CannotPullContainerError: pull image manifest has been retried 5 time(s): failed to resolve ref {H}/app:1: failed to do request: Head \"https://{H}/v2/app/manifests/1\": dial tcp [2600:1f18:1::5]:443: connect: network is unreachable","ipv6-mismatch","manifest"),
(f"CannotPullContainerError: pull image manifest has been retried 5 time(s): failed to resolve ref {H}/app:1: failed to do request: Head \"https://{H}/v2/app/manifests/1\": context deadline exceeded","ecr-dkr-unreachable","manifest"),
(f"CannotPullContainerError: pull image manifest has been retried 5 time(s): failed to resolve ref {H}/app:1: failed to do request: Head \"https://{H}/v2/app/man...","ecr-dkr-unreachable","manifest"),
(f"CannotPullContainerError: failed to resolve ref {H}/app:1: failed to do request: Head https://{H}/v2/app/manifests/1: net/http: TLS handshake timeout","tls-failure","manifest"),
(f"CannotPullContainerError: Error response from daemon: Get https://{H}/v2/: read tcp 10.0.0.4:1111->52.1.2.3:443: read: connection reset by peer","connection-refused-reset","manifest"),
(f"CannotPullContainerError: failed to resolve ref {H}/app:1: failed to do request: Head https://{H}/v2/app/manifests/1: Service Unavailable","registry-5xx","manifest"),
(f"CannotPullContainerError: failed to resolve ref {H}/app:1: unexpected status from HEAD request to https://{H}/v2/app/manifests/1: 503 Service Unavailable","registry-5xx","manifest"),
(f"CannotPullContainerError: failed to resolve ref {H}/app:1: unexpected status from HEAD request to https://{H}/v2/app/manifests/1: 500 Internal Server Error","registry-5xx","manifest"),
# layers
("CannotPullContainerError: ref pull has been retried 5 time(s): failed to copy: httpReadSeeker: failed open: failed to do request: Get \"https://prod-eu-west-1-starport-layer-bucket.s3.eu-west-1.amazonaws.com/9f7-1/uuid?X-Amz-Security-Token=abc\": dial tcp 52.218.1.2:443: i/o timeout","s3-layers-unreachable","layers"),
("error pulling image configuration: Get https://prod-us-east-1-starport-layer-bucket.s3.us-east-1.amazonaws.com/8a2ba8: dial tcp 52.216.8.9:443: i/o timeout","s3-layers-unreachable","layers"),
("CannotPullContainerError: error pulling image configuration: download failed after attempts=6: dial tcp 52.216.8.9:443: i/o timeout","s3-layers-unreachable","layers"),
("CannotPullContainerError: ref pull has been retried 1 time(s): failed to copy: httpReadSeeker: failed open: unexpected status code https://prod-us-west-2-starport-layer-bucket.s3.us-west-2.amazonaws.com/x/y: 403 Forbidden","s3-403","layers"),
(f"ref pull has been retried 1 time(s): failed to copy: httpReadSeeker: failed open: unexpected status code REDACTED ECR URL related to {H}/app:1: 403 Forbidden","s3-403","layers"),
(f"ref pull has been retried 1 time(s): failed to copy: httpReadSeeker: failed open: unexpected status code https://{H}/v2/app/blobs/sha256:abc: 403 Forbidden","ecr-403-unspecified","layers"),
(f"ref pull has been retried 1 time(s): failed to copy: httpReadSeeker: failed open: unexpected status code https://{H}/v2/app/manifests/sha256:abc...","layer-copy-failed-unspecified","manifest"),
("CannotPullContainerError: ref pull has been retried 5 time(s): failed to copy: httpReadSeeker: failed open: failed to do request: Get \"https://prod-eu-west-1-starport-layer-bucket.s3.eu-west-1.amazonaws.com/x\": dial tcp: lookup prod-eu-west-1-starport-layer-bucket.s3.eu-west-1.amazonaws.com on 10.0.0.2:53: no such host","dns-failure","layers"),
("ref pull has been retried 5 time(s): failed to copy: read tcp 10.0.1.1:4->52.216.1.1:443: read: connection reset by peer","connection-refused-reset","layers"),
("failed to copy: httpReadSeeker: failed open: unexpected status code https://registry-1.docker.io/v2/x/y/blobs/sha256:aa: 403 Forbidden","registry-access-denied","layers"),
# other registries
("Could not reach any registry endpoint","registry-unreachable","manifest"),
("Error response from daemon: Get https://ghcr.io/v2/: net/http: request canceled while waiting for connection (Client.Timeout exceeded while awaiting headers)","registry-unreachable","manifest"),
("failed to resolve ref public.ecr.aws/nginx/nginx:latest: failed to do request: Head \"https://public.ecr.aws/v2/nginx/nginx/manifests/latest\": dial tcp 99.83.145.10:443: i/o timeout","registry-unreachable","manifest"),
("failed to do request: Head \"https://mcr.microsoft.com/v2/x/manifests/1\": dial tcp 204.79.197.219:443: i/o timeout","registry-unreachable","manifest"),
("Error response from daemon: Get \"https://registry-1.docker.io/v2/\": context deadline exceeded (Client.Timeout exceeded while awaiting headers)","registry-unreachable","manifest"),
("Error response from daemon: Get \"https://registry-1.docker.io/v2/\": dial tcp 52.1.2.3:443: connect: connection refused","connection-refused-reset","manifest"),
("CannotPullContainerError: context deadline exceeded","pull-context-canceled",None),
# secrets
("The task cannot pull secrets from AWS Systems Manager. There is a connection issue between the task and AWS Systems Manager Parameter Store. Check your task network configuration.","secret-unreachable","secrets"),
("ResourceNotFoundException: The task can’t retrieve the secret with ARN 'arn:aws:secretsmanager:us-east-1:111122223333:secret:app-AbCdEf' from AWS Secrets Manager. Check whether the secret exists in the specified Region","secret-not-found","secrets"),
("unable to retrieve secret from asm: service call has been retried 1 time(s): failed to fetch secret arn:aws-us-gov:secretsmanager:us-gov-west-1:111122223333:secret:app-AbCdEf from secrets manager: AccessDeniedException: Access to KMS is not allowed","secret-denied","secrets"),
("unable to retrieve secret from asm: failed to fetch secret arn:aws:secretsmanager:us-east-1:111122223333:secret:app-AbCdEf from secrets manager: AccessDeniedException: User: arn:aws:sts::111122223333:assumed-role/ex/8ff4fbc265ee40bba57f8f709c43fef3 is not authorized to perform: secretsmanager:GetSecretValue on resource: arn:aws:secretsmanager:us-east-1:111122223333:secret:app-AbCdEf because no VPC endpoint policy allows the secretsmanager:GetSecretValue action","secret-denied","secrets"),
("unable to get registry auth from asm: service call has been retried 1 time(s): asm fetching secret from the service for regcred: RequestError: send request failed caused by: Post \"https://secretsmanager.us-east-1.amazonaws.com/\": dial tcp 10.0.0.2:443: i/o timeout","registry-secret-failed","secrets"),
("CannotPullContainerAuthError: engine docker private registry credentials: not found","registry-secret-failed","secrets"),
("asm fetching authorization data: unable to unmarshal secret value, invalid schema","registry-secret-failed","secrets"),
("Fetching secret data from SSM Parameter Store in us-east-1: invalid parameters: /a/b","secret-not-found","secrets"),
("fetching secret data from SSM Parameter Store in us-west-2: AccessDeniedException: User: arn:aws:sts::111122223333:assumed-role/ecsTaskExecutionRole/8ff4fbc265ee40bba57f8f709c43fef3 is not authorized to perform: ssm:GetParameters on resource: arn:aws:ssm:us-west-2:111122223333:parameter/x","secret-denied","secrets"),
("unable to retrieve secret from asm: service call has been retried 5 time(s): failed to fetch secret x from secrets manager: RequestError: send request failed caused by: Post https://secretsmanager.us-east-1.amazonaws.com/: dial tcp: lookup secretsmanager.us-east-1.amazonaws.com on 10.0.0.2:53: no such host","dns-failure","secrets"),
# denials
(f"denied: User: arn:aws-cn:sts::{A}:assumed-role/R/8ff4fbc265ee40bba57f8f709c43fef3 is not authorized to perform: ecr:BatchGetImage on resource: arn:aws-cn:ecr:cn-north-1:{A}:repository/x with an explicit deny in an identity-based policy: arn:aws-cn:iam::{A}:policy/DenyAll","ecr-explicit-deny","manifest"),
(f"denied: User: arn:aws:sts::{A}:assumed-role/R/8ff4fbc265ee40bba57f8f709c43fef3 is not authorized to perform: ecr:BatchGetImage on resource: arn:aws:ecr:us-east-1:{A}:repository/x with an explicit deny in a resource-based policy","ecr-explicit-deny","manifest"),
(f"denied: User: arn:aws:sts::{A}:assumed-role/R/8ff4fbc265ee40bba57f8f709c43fef3 is not authorized to perform: ecr:BatchGetImage on resource: arn:aws:ecr:us-east-1:{A}:repository/x with an explicit deny in a VPC endpoint policy","vpce-policy-denied","manifest"),
(f"AccessDeniedException: User: arn:aws:sts::{A}:assumed-role/R/8ff4fbc265ee40bba57f8f709c43fef3 is not authorized to perform: ecr:GetAuthorizationToken on resource: * because no permissions boundary allows the ecr:GetAuthorizationToken action","org-or-boundary-denied","login"),
(f"AccessDeniedException: User: arn:aws:sts::{A}:assumed-role/R/8ff4fbc265ee40bba57f8f709c43fef3 is not authorized to perform: ecr:GetAuthorizationToken on resource: * with an explicit deny in a service control policy","org-or-boundary-denied","login"),
(f"denied: User: arn:aws:sts::{A}:assumed-role/R/8ff4fbc265ee40bba57f8f709c43fef3 is not authorized to perform: ecr:BatchGetImage on resource: arn:aws:ecr:us-east-1:444455556666:repository/x with an explicit deny in a resource control policy","org-or-boundary-denied","manifest"),
(f"denied: User: arn:aws:sts::{A}:assumed-role/R/8ff4fbc265ee40bba57f8f709c43fef3 is not authorized to perform: ecr:BatchGetImage on resource: arn:aws:ecr:us-east-1:444455556666:repository/x because no session policy allows the ecr:BatchGetImage action","org-or-boundary-denied","manifest"),
(f"denied: User: arn:aws:sts::{A}:assumed-role/R/8ff4fbc265ee40bba57f8f709c43fef3 is not authorized to perform: ecr:BatchGetImage on resource: arn:aws:ecr:us-east-1:444455556666:repository/quay/x because no resource-based policy allows the ecr:BatchGetImage action","ptc-cross-account","manifest"),
("The task can’t pull the image. Check that the role has the permissions to pull images from the registry.","ecr-pull-denied-identity","manifest"),
(f"The task can’t pull the image '{H}/a' from Amazon Elastic Container Registry using the task execution role 'R'. To fix this, verify that the image URI is correct. Also check that the task execution role has the additional permissions to pull Amazon ECR images. Status Code: 403. Response: 'not authorized'","ecr-403-unspecified","manifest"),
("Error response from daemon: pull access denied for 602401143452.dkr.ecr.us-east-1.amazonaws.com/x, repository does not exist or may require 'docker login': denied","ecr-pull-denied-unspecified","manifest"),
("CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref 593207742271.dkr.ecr.us-east-1.amazonaws.com/aws-guardduty-agent-fargate:v1.7.0-Fg_x86_64: unexpected status from HEAD request to https://593207742271.dkr.ecr.us-east-1.amazonaws.com/v2/aws-guardduty-agent-fargate/manifests/v1.7.0-Fg_x86_64: 403 Forbidden","guardduty-sidecar-denied","manifest"),
("NoCredentialProviders: no valid providers in chain","instance-role-missing","login"),
("Fargate requires task definition to have execution role ARN to support ECR images.","execution-role-missing","role"),
("KMSKeyDisabledException: arn:aws:kms:us-east-1:111122223333:key/abc is disabled.","kms-key-unusable",None),
(f"failed to resolve ref {H}/a:1: KmsException: key is disabled","kms-key-unusable","manifest"),
# registries
("failed to resolve ref docker.io/library/app:latest: pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed","registry-access-denied","manifest"),
("unauthorized: incorrect username or password","registry-creds-invalid","manifest"),
("CannotPullContainerError: Error response from daemon: Get https://registry.gitlab.com/v2/a/b/manifests/latest: unauthorized: HTTP Basic: Access denied","registry-access-denied","manifest"),
("unauthorized: authentication required","registry-access-denied","manifest"),
("Error response from daemon: Head \"https://ghcr.io/v2/a/b/manifests/1\": denied: denied","registry-access-denied","manifest"),
("Error response from daemon: Head \"https://ghcr.io/v2/a/b/manifests/1\": denied","registry-access-denied","manifest"),
("failed to resolve reference \"ghcr.io/a/b:1\": failed to authorize: failed to fetch oauth token: unexpected status from GET request to https://ghcr.io/token: 403 Forbidden","registry-access-denied","manifest"),
("failed to resolve reference \"quay.io/a/b:1\": unexpected status from HEAD request to https://quay.io/v2/a/b/manifests/1: 401 UNAUTHORIZED","registry-creds-invalid","manifest"),
# image
(f"manifest for {H}/app:1.2 not found: manifest unknown: Requested image not found","image-not-found","manifest"),
(f"manifest for {H}/ecr-public/nginx/nginx:1.2 not found: manifest unknown: Requested image not found","ptc-import-failed","manifest"),
("manifest unknown","image-not-found","manifest"),
("Tag latest not found in repository docker.io/x/y","image-not-found","manifest"),
(f"Error response from daemon: manifest for {H}/app@{DIGEST} not found: manifest unknown: Requested image not found","image-digest-gone","manifest"),
(f"failed to resolve ref {H}/app@{DIGEST}: {H}/app@{DIGEST}: not found","image-digest-gone","manifest"),
(f"API error (404): repository {H}/x not found","repo-not-found","manifest"),
(f"API error (404): manifest for {H}/x:latest not found","image-not-found","manifest"),
(f"repository {H}/docker-hub/library/nginx not found: name unknown: The repository with name 'docker-hub/library/nginx' does not exist in the registry with id '{A}'","ptc-create-repo-denied","manifest"),
(f"name unknown: The repository with name 'team/x' does not exist in the registry with id '{A}'","repo-not-found","manifest"),
(f"failed to resolve reference \"{H}/docker-hub/nginx:1\": pulling from host {H} failed with status code [manifests 1]: 403 Forbidden","ptc-library-prefix","manifest"),
(f"failed to resolve reference \"{H}/docker-hub/library/nginx:1\": pulling from host {H} failed with status code [manifests 1]: 403 Forbidden","ecr-403-unspecified","manifest"),
("CannotPullContainerError: invalid reference format: repository name must be lowercase","invalid-reference","manifest"),
("failed to find a descriptor for platform {linux/amd64}","platform-mismatch","manifest"),
("no matching manifest for linux/amd64 in the manifest list entries","platform-mismatch","manifest"),
("no matching manifest for windows/amd64 10.0.17763 in the manifest list entries","windows-os-mismatch","manifest"),
("a Windows version 10.0.20348-based image is incompatible with a 10.0.17763 host","windows-os-mismatch","manifest"),
("The container operating system does not match the host operating system. image","windows-os-mismatch","manifest"),
("media type \"application/vnd.docker.distribution.manifest.v1+prettyjws\" is no longer supported since containerd v2.1, please rebuild the image","manifest-unsupported","manifest"),
("CannotPullContainerError: mediaType in manifest should be 'application/vnd.docker.distribution.manifest.v2+json' not 'application/vnd.oci.image.manifest.v1+json'","manifest-unsupported","manifest"),
("filesystem layer verification failed for digest sha256:abc","layer-verification-failed","unpack"),
# limits
("CannotPullContainerError: inspect image has been retried 5 time(s): failed to resolve ref \"docker.io/library/nginx:latest\": failed to copy: httpReadSeeker: failed open: unexpected status code https://registry-1.docker.io/v2/library/nginx/manifests/sha256:ab: 429 Too Many Requests","dockerhub-rate-limit","manifest"),
("failed to resolve ref public.ecr.aws/x/y:1: unexpected status from HEAD request to https://public.ecr.aws/v2/x/y/manifests/1: 429 Too Many Requests","ecr-public-rate-limit","manifest"),
(f"Error response from daemon: toomanyrequests: Rate exceeded for {H}/x","ecr-throttled","manifest"),
("Unknown: Rate exceeded","unrecognised",None),
("CannotPullContainerError: Unknown: Rate exceeded","ecr-throttled","manifest"),
("failed to resolve ref ghcr.io/a/b:1: unexpected status from HEAD request to https://ghcr.io/v2/a/b/manifests/1: 429 Too Many Requests","unrecognised","manifest"),
# host
("CannotPullContainerError: failed to register layer: Error processing tar file(exit status 1): write /usr/lib/x: no space left on device","disk-full","unpack"),
("CannotPullContainerError: ref pull has been retried 1 time(s): failed to extract layer sha256:a: write /x: no space left on device: unknown","disk-full","unpack"),
("CannotPullContainerError: ref pull has been retried 1 time(s): failed to copy: failed to send write: write /var/lib/containerd/io.containerd.content.v1.content/ingest/a/data: no space left on device: unknown","fargate-ephemeral-full","unpack"),
("failed to register layer: ApplyLayer exit status 1 stdout: stderr:","layer-register-failed","unpack"),
("DockerTimeoutError: Could not transition to pulled; timed out after waiting 2h0m0s","pull-timeout","layers"),
("inactivity time exceeded timeout while pulling image","pull-timeout","layers"),
("No such image: amazon/amazon-ecs-pause:0.1.0","agent-internal-image","manifest"),
("Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?","daemon-unavailable",None),
("Task stopped before image pull could begin for task: arn:aws:ecs:us-east-1:111122223333:task/c/8ff4fbc265ee40bba57f8f709c43fef3","stopped-before-pull",None),
("Unexpected EC2 error while attempting to Create Network Interface with public IP assignment enabled in subnet 'subnet-1'","eni-or-ip-exhausted",None),
(f"Error response from daemon: Get \"https://{H}/v2/\": proxyconnect tcp: dial tcp 10.0.0.1:3128: i/o timeout","proxy-misconfigured","manifest"),
("CannotStartContainerError: Error response from daemon: failed to create shim task: OCI runtime create failed","none",None),
("CannotStartContainerError: Error response from daemon: exec format error","exec-format-error",None),
("Essential container in task exited; CannotPullContainerError: context canceled","pull-context-canceled",None),
("Error: connect ECONNREFUSED 10.0.0.1:5432","unrecognised",None),
("hello world","unrecognised",None),
("","unrecognised",None),
("dial tcp 10.0.0.1:5432: connect: connection refused","unrecognised",None),
("Timeout waiting for network interface provisioning to complete.","unrecognised",None),
]  # fmt: skip


@pytest.mark.parametrize(("text", "symptom", "stage"), CATALOGUE)
def test_the_catalogue(text: str, symptom: str, stage: Stage | None) -> None:
    found = classify(text)
    assert (found.id, found.stage) == (symptom, stage)
