"""Image references, taken apart as Docker and ECS do, or refused with the reason."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnostics.image_reference import ImageReference, InvalidImageReference, nearest, parse
from tests.rows import every_row

SHA256 = "sha256:" + "1a" * 32
SHA384 = "sha384:" + "1a" * 48
SHA512 = "sha512:" + "1a" * 64
ACCOUNT = "111122223333"


@pytest.mark.parametrize(
    ("text", "kind", "registry", "repository", "tag", "digest"),
    [
        ("nginx", "docker-hub", "docker.io", "library/nginx", None, None),
        ("nginx:1.27", "docker-hub", "docker.io", "library/nginx", "1.27", None),
        ("bitnami/redis", "docker-hub", "docker.io", "bitnami/redis", None, None),
        ("docker.io/nginx", "docker-hub", "docker.io", "library/nginx", None, None),
        ("index.docker.io/nginx:a", "docker-hub", "docker.io", "library/nginx", "a", None),
        ("docker.io/library/nginx", "docker-hub", "docker.io", "library/nginx", None, None),
        ("registry-1.docker.io/library/nginx", "docker-hub", "docker.io", "library/nginx", None, None),
        # Only `docker.io` stands for `library/`: the registry's own host is asked for what is written.
        ("registry-1.docker.io/nginx", "docker-hub", "docker.io", "nginx", None, None),
        (f"nginx@{SHA256}", "docker-hub", "docker.io", "library/nginx", None, SHA256),
        (f"nginx:1.27@{SHA256}", "docker-hub", "docker.io", "library/nginx", "1.27", SHA256),
        (f"a/b@{SHA384}", "docker-hub", "docker.io", "a/b", None, SHA384),
        (f"a/b@{SHA512}", "docker-hub", "docker.io", "a/b", None, SHA512),
        ("localhost/api", "other", "localhost", "api", None, None),
        ("localhost:5000/api", "other", "localhost:5000", "api", None, None),
        # Without a slash there is no host: this is the repository `localhost` of Docker Hub.
        ("localhost:5000", "docker-hub", "docker.io", "library/localhost", "5000", None),
        ("ghcr.io/team/api:v1", "other", "ghcr.io", "team/api", "v1", None),
        ("quay.io/team/sub/api", "other", "quay.io", "team/sub/api", None, None),
        ("registry:5000/api:v1", "other", "registry:5000", "api", "v1", None),
        ("10.0.0.5:5000/api", "other", "10.0.0.5:5000", "api", None, None),
        ("[fd00::1]:5000/api", "other", "[fd00::1]:5000", "api", None, None),
        ("[fd00::1]/api", "other", "[fd00::1]", "api", None, None),
        ("Registry/api", "other", "Registry", "api", None, None),
        ("Ghcr.IO/api", "other", "Ghcr.IO", "api", None, None),
        ("xn--n3h.example/api", "other", "xn--n3h.example", "api", None, None),
        ("a.b/c__d/e---f/g.h_i:T_a-g.1", "other", "a.b", "c__d/e---f/g.h_i", "T_a-g.1", None),
        ("a.b/c:" + "t" * 128, "other", "a.b", "c", "t" * 128, None),
        ("a.b/" + "c" * 255, "other", "a.b", "c" * 255, None, None),
        ("public.ecr.aws/docker/library/nginx:1", "ecr-public", "public.ecr.aws", "docker/library/nginx", "1", None),
        ("ecr-public.aws.com/amazonlinux/amazonlinux", "ecr-public", "ecr-public.aws.com", "amazonlinux/amazonlinux", None, None),
    ],
)  # fmt: skip
def test_what_a_reference_is_made_of(
    text: str, kind: str, registry: str, repository: str, tag: str | None, digest: str | None
) -> None:
    reference = parse(text)
    found = (reference.kind, reference.registry, reference.repository, reference.tag, reference.digest)
    assert found == (kind, registry, repository, tag, digest)
    assert reference.text == text
    assert not reference.is_ecr
    assert reference.repository_arn is None
    assert reference.pull_host == ("registry-1.docker.io" if kind == "docker-hub" else registry)


@pytest.mark.parametrize(
    ("host", "region", "partition", "fips", "dual_stack"),
    [
        ("dkr.ecr.us-east-1.amazonaws.com", "us-east-1", "aws", False, False),
        ("dkr.ecr.ap-southeast-7.amazonaws.com", "ap-southeast-7", "aws", False, False),
        ("dkr.ecr-fips.us-west-2.amazonaws.com", "us-west-2", "aws", True, False),
        ("dkr-ecr.us-west-2.on.aws", "us-west-2", "aws", False, True),
        ("dkr-ecr-fips.us-west-2.on.aws", "us-west-2", "aws", True, True),
        ("dkr.ecr.cn-north-1.amazonaws.com.cn", "cn-north-1", "aws-cn", False, False),
        ("dkr-ecr.cn-northwest-1.on.amazonwebservices.com.cn", "cn-northwest-1", "aws-cn", False, True),
        ("dkr.ecr.us-gov-west-1.amazonaws.com", "us-gov-west-1", "aws-us-gov", False, False),
        ("dkr.ecr-fips.us-gov-east-1.amazonaws.com", "us-gov-east-1", "aws-us-gov", True, False),
        ("dkr-ecr.us-gov-west-1.on.aws", "us-gov-west-1", "aws-us-gov", False, True),
        ("dkr.ecr.eusc-de-east-1.amazonaws.eu", "eusc-de-east-1", "aws-eusc", False, False),
        ("dkr.ecr.us-iso-east-1.c2s.ic.gov", "us-iso-east-1", "aws-iso", False, False),
        ("dkr.ecr.us-isob-east-1.sc2s.sgov.gov", "us-isob-east-1", "aws-iso-b", False, False),
        ("dkr.ecr.eu-isoe-west-1.cloud.adc-e.uk", "eu-isoe-west-1", "aws-iso-e", False, False),
        ("dkr.ecr.us-isof-south-1.csp.hci.ic.gov", "us-isof-south-1", "aws-iso-f", False, False),
    ],
)
def test_private_ecr_in_every_partition(
    host: str, region: str, partition: str, fips: bool, dual_stack: bool
) -> None:
    reference = parse(f"{ACCOUNT}.{host}/team/api:1.4.2")
    assert reference == ImageReference(
        text=f"{ACCOUNT}.{host}/team/api:1.4.2",
        registry=f"{ACCOUNT}.{host}",
        repository="team/api",
        tag="1.4.2",
        kind="ecr",
        account_id=ACCOUNT,
        region=region,
        dual_stack=dual_stack,
        fips=fips,
    )
    assert reference.is_ecr
    assert reference.pull_host == f"{ACCOUNT}.{host}"
    assert reference.repository_arn == f"arn:{partition}:ecr:{region}:{ACCOUNT}:repository/team/api"


@pytest.mark.parametrize(
    "host",
    [
        "11112222333.dkr.ecr.us-east-1.amazonaws.com",
        f"{ACCOUNT}4.dkr.ecr.us-east-1.amazonaws.com",
        f"x.{ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com",
        f"{ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com.example.org",
        f"{ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com:443",
        f"{ACCOUNT}.dkr.ecr.amazonaws.com",
        f"{ACCOUNT}.dkr.ecr.useast1.amazonaws.com",
        f"{ACCOUNT}-dkr.ecr.us-east-1.amazonaws.com",
        f"{ACCOUNT}.dkr.ecr.us-east-1.on.aws",
    ],
)
def test_hosts_that_only_look_like_ecr(host: str) -> None:
    reference = parse(f"{host}/api")
    assert (reference.kind, reference.registry, reference.account_id) == ("other", host, None)


@pytest.mark.parametrize(
    ("rest", "wanted_tag", "tag_or_digest"),
    [
        ("", "latest", "latest"),
        (":1.4.2", "1.4.2", "1.4.2"),
        (f"@{SHA256}", None, SHA256),
        (f":1.4.2@{SHA256}", None, SHA256),
    ],
)
def test_what_names_the_image_in_its_repository(
    rest: str, wanted_tag: str | None, tag_or_digest: str
) -> None:
    reference = parse("ghcr.io/team/api" + rest)
    assert (reference.wanted_tag, reference.tag_or_digest) == (wanted_tag, tag_or_digest)


DIGEST_SENTENCE = "has a malformed digest; one looks like @sha256: and 64 hexadecimal digits in lower case."
TAG_SENTENCE = "a tag is 1 to 128 letters, digits, '.', '_' or '-'."
PLACEHOLDER = "holds a placeholder that was never filled in."

INVALID = {
    "": "The image reference is empty; expected HOST/REPOSITORY:TAG.",
    "a" * 2049: "The image reference is longer than 2048 characters.",
    "https://ghcr.io/api": "'https://ghcr.io/api' begins with a scheme; an image reference has none.",
    "docker://nginx": "'docker://nginx' begins with a scheme; an image reference has none.",
    "ghcr.io/api:${TAG}": f"'ghcr.io/api:${{TAG}}' {PLACEHOLDER}",
    "ghcr.io/api:$TAG": f"'ghcr.io/api:$TAG' {PLACEHOLDER}",
    "ghcr.io/api:$(Build.BuildId)": f"'ghcr.io/api:$(Build.BuildId)' {PLACEHOLDER}",
    "ghcr.io/api:#{tag}": f"'ghcr.io/api:#{{tag}}' {PLACEHOLDER}",
    "ghcr.io/api:{{ tag }}": f"'ghcr.io/api:{{{{ tag }}}}' {PLACEHOLDER}",
    "<IMAGE1_NAME>": f"'<IMAGE1_NAME>' {PLACEHOLDER}",
    "ghcr.io/<your-repo>:1": f"'ghcr.io/<your-repo>:1' {PLACEHOLDER}",
    "%IMAGE%": f"'%IMAGE%' {PLACEHOLDER}",
    " nginx": "' nginx' holds white space.",
    "nginx\n": "'nginx\ufffd' holds white space.",
    "ghcr.io/api:1 2": "'ghcr.io/api:1 2' holds white space.",
    "api@": f"'api@' {DIGEST_SENTENCE}",
    "api@sha256:abc": f"'api@sha256:abc' {DIGEST_SENTENCE}",
    f"api@{SHA256}0": f"'api@{SHA256}0' {DIGEST_SENTENCE}",
    f"api@{SHA256.replace('a', 'A')}": f"'api@{SHA256.replace('a', 'A')}' {DIGEST_SENTENCE}",
    f"api@{SHA512[:71]}": f"'api@{SHA512[:71]}' {DIGEST_SENTENCE}",
    f"api@md5:{'1a' * 16}": f"'api@md5:{'1a' * 16}' {DIGEST_SENTENCE}",
    f"api@{SHA256}@{SHA256}": f"'{('api@' + SHA256 + '@' + SHA256)[:117]}...' {DIGEST_SENTENCE}",
    "api:": f"'api:' has a malformed tag ''; {TAG_SENTENCE}",
    "api:-1": f"'api:-1' has a malformed tag '-1'; {TAG_SENTENCE}",
    "api:.1": f"'api:.1' has a malformed tag '.1'; {TAG_SENTENCE}",
    "api:1:2": f"'api:1:2' has a malformed tag '1:2'; {TAG_SENTENCE}",
    "api:1+2": f"'api:1+2' has a malformed tag '1+2'; {TAG_SENTENCE}",
    "a.b/c:" + "t" * 129: f"'{('a.b/c:' + 't' * 129)[:117]}...' has a malformed tag '{'t' * 117}...'; {TAG_SENTENCE}",
    "a/b:1/x": "'a/b:1/x' has a malformed tag '1/x'; " + TAG_SENTENCE,
    "api:x/y": "'api:x/y' has a malformed registry host 'api:x'.",
    "-a.b/api": "'-a.b/api' has a malformed registry host '-a.b'.",
    "a_b.c/api": "'a_b.c/api' has a malformed registry host 'a_b.c'.",
    "a..b/api": "'a..b/api' has a malformed registry host 'a..b'.",
    "a.b:/api": "'a.b:/api' has a malformed registry host 'a.b:'.",
    "a.b:٣/api": "'a.b:٣/api' has a malformed registry host 'a.b:٣'.",
    "ghcr.io/": "'ghcr.io/' names no repository; expected HOST/REPOSITORY:TAG.",
    ":1": "':1' names no repository; expected HOST/REPOSITORY:TAG.",
    f"@{SHA256}": f"'@{SHA256}' names no repository; expected HOST/REPOSITORY:TAG.",
    "ghcr.io/Team/api": "'ghcr.io/Team/api' has upper-case letters in the repository name 'Team/api'; it must be lower case.",
    "Nginx": "'Nginx' has upper-case letters in the repository name 'Nginx'; it must be lower case.",
    "ghcr.io//api": "'ghcr.io//api' has a malformed repository name '/api'.",
    "ghcr.io/api/": "'ghcr.io/api/' has a malformed repository name 'api/'.",
    "/api": "'/api' has a malformed repository name '/api'.",
    "team/-api": "'team/-api' has a malformed repository name 'team/-api'.",
    "team/a..b": "'team/a..b' has a malformed repository name 'team/a..b'.",
    "team/a___b": "'team/a___b' has a malformed repository name 'team/a___b'.",
    "team/é": "'team/é' has a malformed repository name 'team/é'.",
    "api\x1b[31m": "'api\ufffd[31m' has a malformed repository name 'api\ufffd[31m'.",
    "a.b/" + "c" * 256: f"'{('a.b/' + 'c' * 256)[:117]}...' has a repository name of 256 characters; it may have 255.",
    "1a" * 32: f"'{'1a' * 32}' is an image's id; expected HOST/REPOSITORY:TAG.",
}  # fmt: skip


@every_row(("text", "sentence"), INVALID.items(), ids=[str(i) for i in range(len(INVALID))])
def test_invalid_references_say_why(text: str, sentence: str) -> None:
    with pytest.raises(InvalidImageReference) as caught:
        parse(text)
    assert str(caught.value) == sentence


@given(st.text(max_size=80) | st.text("aA1.:/@-_$<{% ", max_size=40))
def test_any_text_is_taken_apart_or_refused(text: str) -> None:
    try:
        reference = parse(text)
    except InvalidImageReference as error:
        sentence = str(error)
    else:
        sentence = ""
    if sentence:
        assert sentence.isprintable()
        assert sentence.endswith(".")
        return
    again = f"{reference.registry}/{reference.repository}"
    again += f":{reference.tag}" if reference.tag else ""
    again += f"@{reference.digest}" if reference.digest else ""
    assert parse(again).model_copy(update={"text": text}) == reference


@pytest.mark.parametrize("piece", ["a", "a.", "a/", "-", "_", "a-", "A", ":", "[", "$", "<", "%A"])
def test_a_long_reference_of_one_piece_is_answered(piece: str) -> None:
    # Time is not measured: were a pattern to back-track over its repetitions, this would not end.
    for end in ("", "!", "/!", ":!"):
        with pytest.raises(InvalidImageReference):
            parse(piece * (2000 // len(piece)) + end)


# --- the nearest names -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "candidates", "expected"),
    [
        ("v1.4.2", ["v1.4.1", "v2.0.0", "latest"], ("v1.4.1", "v2.0.0")),
        ("v1.4.2", ["latest", "v1.4.3", "v1.4.1"], ("v1.4.3", "v1.4.1")),
        ("v1.4.2", ["latest", "v1.4.1", "v1.4.3"], ("v1.4.1", "v1.4.3")),
        ("v1.4.2", ["V1.4.2", "v1.4.20"], ("V1.4.2", "v1.4.20")),
        ("lastest", ["latest", "stable"], ("latest",)),
        ("team/api", ["team/apis", "api", "other/api", "team/web"], ("team/apis", "team/web", "other/api")),
        ("a", ["b", "c"], ()),
        ("a", [], ()),
        ("", ["a"], ()),
        ("x1", ["x2", "x2", "x3"], ("x2", "x3")),
        ("x1", ["x9", "x8", "x7", "x6", "x5"], ("x9", "x8", "x7")),
    ],
)
def test_nearest_names(name: str, candidates: list[str], expected: tuple[str, ...]) -> None:
    assert nearest(name, candidates) == expected


def test_at_most_as_many_nearest_names_as_wanted() -> None:
    assert nearest("x1", ("x2", "x3", "x4", "x5"), limit=2) == ("x2", "x3")
