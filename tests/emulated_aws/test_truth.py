"""The corrections: each answer here is what AWS says, and what moto alone does not."""

from __future__ import annotations

import json
import re
from ipaddress import ip_address, ip_network
from typing import Any

import pytest
from botocore.exceptions import ClientError

from demo.aws import ACCOUNT_ID, Account, EmulatedAws, TaskHandle
from demo.aws.images import digest_of
from demo.aws.policies import policy

CLUSTER = "payments"


def interface_of(account: Account, task: TaskHandle) -> str:
    details = task.describe()["attachments"][0]["details"]
    return next(str(item["value"]) for item in details if item["name"] == "networkInterfaceId")


def error_code(caught: pytest.ExceptionInfo[ClientError]) -> str:
    return str(caught.value.response["Error"]["Code"])


ALLOW_LOGIN = {"Effect": "Allow", "Action": "ecr:GetAuthorizationToken", "Resource": "*"}
ALLOW_PULL = {"Effect": "Allow", "Action": "ecr:BatchGetImage", "Resource": "*"}


class TestTasks:
    def test_ids_and_arns(self, account: Account) -> None:
        task = account.fargate_task("web")
        prefix = f"arn:aws:ecs:us-east-1:{ACCOUNT_ID}"
        assert re.fullmatch(rf"{prefix}:task/payments/[0-9a-f]{{32}}", task.arn)
        (container,) = task.describe()["containers"]
        assert container["containerArn"].startswith(f"{prefix}:container/payments/{task.id}/")
        assert container["taskArn"] == task.arn

    def test_every_container_of_the_definition(self, account: Account) -> None:
        task = account.fargate_task("web", containers={"proxy": account.image("ledger", "2.0.0")})
        containers = task.describe()["containers"]
        assert [(container["name"], container["image"]) for container in containers] == [
            ("web", account.image()),
            ("proxy", account.image("ledger", "2.0.0")),
        ]
        assert all("exitCode" not in container for container in containers)

    def test_platform_zone_and_times(self, account: Account) -> None:
        described = account.fargate_task("web", subnets=["private-b"], cpu_architecture="ARM64").describe()
        assert (described["platformVersion"], described["platformFamily"]) == ("1.4.0", "Linux")
        assert described["availabilityZone"] == "us-east-1b"
        assert described["attributes"] == [{"name": "ecs.cpu-architecture", "value": "arm64"}]
        assert described["connectivity"] == "CONNECTED"
        assert described["createdAt"] <= described["startedAt"]
        assert "stoppedReason" not in described

    def test_an_asked_for_platform_version_stays(self, account: Account) -> None:
        assert account.fargate_task("web", platform_version="1.3.0").describe()["platformVersion"] == "1.3.0"

    def test_a_task_on_ec2_has_the_zone_of_its_host_and_no_platform_version(self, account: Account) -> None:
        described = account.ec2_task("batch").describe()
        assert (described["launchType"], described["availabilityZone"]) == ("EC2", "us-east-1a")
        assert "platformVersion" not in described

    def test_describing_changes_nothing(self, account: Account) -> None:
        task = account.fargate_task("web")
        assert [task.describe()["lastStatus"] for _ in range(6)] == ["RUNNING"] * 6

    # what is asked for, the ARN of the failure
    UNKNOWN = (
        ("0" * 32, f"arn:aws:ecs:us-east-1:{ACCOUNT_ID}:task/payments/{'0' * 32}"),
        (
            f"arn:aws:ecs:us-east-1:{ACCOUNT_ID}:task/payments/{'a' * 32}",
            f"arn:aws:ecs:us-east-1:{ACCOUNT_ID}:task/payments/{'a' * 32}",
        ),
    )

    @pytest.mark.parametrize(("asked", "arn"), UNKNOWN, ids=["id", "arn"])
    def test_an_unknown_task_is_missing(self, account: Account, asked: str, arn: str) -> None:
        answer = account.ecs.describe_tasks(cluster=CLUSTER, tasks=[asked])
        assert (answer["tasks"], answer["failures"]) == ([], [{"arn": arn, "reason": "MISSING"}])

    def test_a_task_of_another_cluster_is_missing(self, account: Account) -> None:
        task = account.fargate_task("web")
        answer = account.ecs.describe_tasks(cluster="payments-ec2", tasks=[task.id])
        assert [failure["reason"] for failure in answer["failures"]] == ["MISSING"]

    def test_known_and_unknown_together(self, account: Account) -> None:
        task = account.fargate_task("web")
        answer = account.ecs.describe_tasks(cluster=CLUSTER, tasks=[task.id, "0" * 32])
        assert ([found["taskArn"] for found in answer["tasks"]], len(answer["failures"])) == ([task.arn], 1)

    def test_the_list_is_of_the_named_service(self, account: Account) -> None:
        task = account.fargate_task("web")
        assert account.ecs.list_tasks(cluster=CLUSTER, serviceName="web")["taskArns"] == [task.arn]
        assert len(account.ecs.list_tasks(cluster=CLUSTER)["taskArns"]) == 2
        with pytest.raises(account.ecs.exceptions.ServiceNotFoundException):
            account.ecs.list_tasks(cluster=CLUSTER, serviceName="nothing")

    def test_no_task_and_too_many_tasks_are_refused(self, account: Account) -> None:
        for tasks in ([], [f"{number:032x}" for number in range(101)]):
            with pytest.raises(account.ecs.exceptions.InvalidParameterException):
                account.ecs.describe_tasks(cluster=CLUSTER, tasks=tasks)

    def test_a_list_comes_in_pages(self, account: Account) -> None:
        first = account.fargate_task("web")
        arns = {first.arn, *(account.start_again(first).arn for _ in range(4))}
        pages = account.ecs.get_paginator("list_tasks").paginate(
            cluster=CLUSTER, serviceName="web", PaginationConfig={"PageSize": 2}
        )
        found = [page["taskArns"] for page in pages]
        assert [len(page) for page in found] == [2, 2, 1]
        assert {arn for page in found for arn in page} == arns

    def test_the_list_is_of_running_tasks_unless_asked(self, account: Account) -> None:
        task = account.fargate_task("web")
        task.stop("CannotPullContainerError: x")
        assert account.ecs.list_tasks(cluster=CLUSTER, serviceName="web")["taskArns"] == []
        stopped = account.ecs.list_tasks(cluster=CLUSTER, serviceName="web", desiredStatus="STOPPED")
        assert stopped["taskArns"] == [task.arn]

    def test_a_cluster_is_not_taken_for_one_whose_name_begins_alike(self, account: Account) -> None:
        account.ec2_task("batch")
        tasks = account.ecs.list_tasks(cluster=CLUSTER)["taskArns"]
        assert all(":task/payments/" in arn for arn in tasks)


class TestStops:
    def test_stop_task_is_the_users(self, account: Account) -> None:
        task = account.fargate_task("web")
        account.ecs.stop_task(cluster=CLUSTER, task=task.arn, reason="maintenance")
        described = task.describe()
        assert (described["stopCode"], described["stoppedReason"]) == ("UserInitiated", "maintenance")
        assert described["stoppedAt"] >= described["createdAt"]
        assert [container["exitCode"] for container in described["containers"]] == [143]

    def test_the_interface_is_gone(self, account: Account) -> None:
        task = account.fargate_task("web")
        interface = interface_of(account, task)
        assert account.ec2.describe_network_interfaces(NetworkInterfaceIds=[interface])["NetworkInterfaces"]
        task.stop("CannotPullContainerError: x")
        with pytest.raises(ClientError) as caught:
            account.ec2.describe_network_interfaces(NetworkInterfaceIds=[interface])
        assert error_code(caught) == "InvalidNetworkInterfaceID.NotFound"
        attachment = task.describe()["attachments"][0]
        assert attachment["status"] == "DELETED"
        assert {"name": "subnetId", "value": account.network.subnets["private-a"]} in attachment["details"]

    # the reason, whether the pull had begun
    BEGINNINGS = (
        ("CannotPullContainerError: ref pull has been retried", True),
        ("ResourceInitializationError: unable to pull secrets or registry auth", False),
    )

    @pytest.mark.parametrize(("reason", "began"), BEGINNINGS, ids=["pull", "login"])
    def test_pull_times_tell_how_far_it_came(self, account: Account, reason: str, began: bool) -> None:
        task = account.fargate_task("web")
        task.stop(reason)
        described = task.describe()
        assert ("pullStartedAt" in described) is began
        assert "startedAt" not in described

    def test_on_ec2_the_error_stands_on_the_container(self, account: Account) -> None:
        task = account.ec2_task("batch")
        task.stop("CannotPullContainerError: Error response from daemon: x")
        described = task.describe()
        assert described["stoppedReason"] == "Task failed to start"
        assert (
            described["containers"][0]["reason"] == "CannotPullContainerError: Error response from daemon: x"
        )

    def test_reasons_go_to_the_containers_they_name(self, account: Account) -> None:
        task = account.fargate_task("web", containers={"proxy": account.image("ledger", "9")})
        task.stop(
            "CannotPullContainerError: proxy", container_reasons={"proxy": "CannotPullContainerError: proxy"}
        )
        reasons = [container.get("reason") for container in task.describe()["containers"]]
        assert reasons == [None, "CannotPullContainerError: proxy"]

    def test_a_service_counts_and_tells(self, account: Account) -> None:
        task = account.fargate_task("web")
        services = account.ecs.describe_services(cluster=CLUSTER, services=["web"])["services"]
        assert (services[0]["runningCount"], services[0]["pendingCount"]) == (1, 0)
        task.stop("CannotPullContainerError: x")
        account.add_service_event("web", "(service web) is unable to consistently start tasks successfully.")
        service = account.ecs.describe_services(cluster=CLUSTER, services=["web"])["services"][0]
        assert [event["message"] for event in service["events"]] == [
            "(service web) is unable to consistently start tasks successfully.",
            "(service web) was unable to place a task. Reason: CannotPullContainerError: x.",
            f"(service web) has started 1 tasks: (task {task.id}).",
        ]

    def test_an_update_deploys_anew(self, account: Account) -> None:
        task = account.fargate_task("web")
        task.stop("CannotPullContainerError: x")
        before = account.ecs.describe_services(cluster=CLUSTER, services=["web"])["services"][0][
            "deployments"
        ][0]
        account.ecs.update_service(
            cluster=CLUSTER, service="web", taskDefinition=account.register("web", {"web": account.image()})
        )
        after = account.ecs.describe_services(cluster=CLUSTER, services=["web"])["services"][0][
            "deployments"
        ][0]
        assert (before["failedTasks"], after["failedTasks"]) == (1, 0)
        assert after["id"] != before["id"]
        assert after["taskDefinition"].endswith("task-definition/web:2")


class TestServiceDeployments:
    def listed(self, account: Account, **more: Any) -> list[dict[str, Any]]:
        answer = account.ecs.list_service_deployments(cluster=CLUSTER, service="web", **more)
        return list(answer["serviceDeployments"])

    def test_each_deployment_is_kept_with_its_revision(self, account: Account) -> None:
        first = account.fargate_task("web")
        account.deploy(first, account.image(reference="9"))
        newest, oldest = self.listed(account)
        assert newest["createdAt"] >= oldest["createdAt"]
        arns = [newest["targetServiceRevisionArn"], oldest["targetServiceRevisionArn"]]
        answer = account.ecs.describe_service_revisions(serviceRevisionArns=arns)
        definitions = [item["taskDefinition"].rpartition("/")[2] for item in answer["serviceRevisions"]]
        assert definitions == ["web:2", "web:1"]
        assert answer["serviceRevisions"][0]["networkConfiguration"]["awsvpcConfiguration"]["subnets"]

    def test_a_tag_is_resolved_where_it_is_there(self, account: Account) -> None:
        account.deploy(account.fargate_task("web"), account.image(reference="9"))
        arns = [item["targetServiceRevisionArn"] for item in self.listed(account)]
        missing, there = account.ecs.describe_service_revisions(serviceRevisionArns=arns)["serviceRevisions"]
        assert missing["containerImages"] == [{"containerName": "web", "image": account.image(reference="9")}]
        repository, tag = account.image().partition("/")[2].split(":")
        stored = account.ecr.describe_images(repositoryName=repository, imageIds=[{"imageTag": tag}])
        assert there["containerImages"][0]["imageDigest"] == stored["imageDetails"][0]["imageDigest"]

    def test_scaling_deploys_nothing(self, account: Account) -> None:
        account.fargate_task("web")
        account.ecs.update_service(cluster=CLUSTER, service="web", desiredCount=3)
        assert len(self.listed(account)) == 1

    def test_a_roll_back_goes_to_the_revision_before(self, account: Account) -> None:
        first = account.fargate_task("web")
        failed = account.deploy(first, account.image(reference="9"))
        failed.stop("CannotPullContainerError: x")
        account.roll_back(failed)
        (rolled,) = self.listed(account, status=["ROLLBACK_SUCCESSFUL"])
        assert "circuit breaker" in rolled["statusReason"]
        service = account.ecs.describe_services(cluster=CLUSTER, services=["web"])["services"][0]
        assert service["taskDefinition"] == service["deployments"][0]["taskDefinition"]
        assert service["taskDefinition"].endswith("/web:1")
        assert (service["runningCount"], service["deployments"][0]["rolloutState"]) == (1, "COMPLETED")
        assert "rolling back to deployment" in service["events"][0]["message"]

    def test_what_is_not_there(self, account: Account) -> None:
        arn = f"arn:aws:ecs:us-east-1:{ACCOUNT_ID}:service-revision/payments/web/1"
        answer = account.ecs.describe_service_revisions(serviceRevisionArns=[arn])
        assert answer["failures"] == [{"arn": arn, "reason": "MISSING"}]
        with pytest.raises(account.ecs.exceptions.ServiceNotFoundException):
            account.ecs.list_service_deployments(cluster=CLUSTER, service="nothing")


class TestNetwork:
    def test_addresses_lie_in_their_subnets(self, account: Account) -> None:
        network = account.add_network("mixed", "10.80.0.0/16", endpoints=("ecr.api",))
        account.fargate_task("web", network=network)
        found = account.ec2.describe_network_interfaces(
            Filters=[{"Name": "vpc-id", "Values": [network.vpc_id]}]
        )
        described = account.ec2.describe_subnets(SubnetIds=list(network.subnets.values()))["Subnets"]
        blocks = {subnet["SubnetId"]: ip_network(subnet["CidrBlock"]) for subnet in described}
        # one of the task, one of the NAT gateway, two of the endpoint
        assert len(found["NetworkInterfaces"]) == 4
        for interface in found["NetworkInterfaces"]:
            block = blocks[interface["SubnetId"]]
            assert ip_address(interface["PrivateIpAddress"]) in list(block.hosts())[3:]

    def test_the_task_tells_the_address_of_its_interface(self, account: Account) -> None:
        task = account.fargate_task("web")
        interfaces = account.ec2.describe_network_interfaces(
            NetworkInterfaceIds=[interface_of(account, task)]
        )
        assert interfaces["NetworkInterfaces"][0]["PrivateIpAddress"] == task.private_address
        (container,) = task.describe()["containers"]
        assert container["networkInterfaces"][0]["privateIpv4Address"] == task.private_address

    def test_a_host_has_an_address_of_its_subnet(self, account: Account) -> None:
        reservations = account.ec2.describe_instances()["Reservations"]
        (interface,) = reservations[0]["Instances"][0]["NetworkInterfaces"]
        assert ip_address(interface["PrivateIpAddress"]) in ip_network("10.0.10.0/24")
        assert "Association" not in interface

    def test_a_task_starts_without_dns_host_names(self, account: Account) -> None:
        network = account.add_network("nameless", "10.80.0.0/16")
        account.ec2.modify_vpc_attribute(VpcId=network.vpc_id, EnableDnsHostnames={"Value": False})
        task = account.fargate_task("web", network=network)
        assert "privateDnsName" not in {item["name"] for item in task.describe()["attachments"][0]["details"]}

    def test_a_private_address_that_is_asked_for_stays(self, account: Account) -> None:
        created = account.ec2.create_network_interface(
            SubnetId=account.network.subnets["private-a"], PrivateIpAddress="10.0.10.77"
        )
        assert created["NetworkInterface"]["PrivateIpAddress"] == "10.0.10.77"

    def route_states(self, account: Account, table: str) -> list[tuple[str, str]]:
        tables = account.ec2.describe_route_tables(RouteTableIds=[account.network.route_tables[table]])
        return [
            (route["DestinationCidrBlock"], route["State"]) for route in tables["RouteTables"][0]["Routes"]
        ]

    def test_a_route_to_a_deleted_nat_gateway_is_a_blackhole(self, account: Account) -> None:
        account.ec2.delete_nat_gateway(NatGatewayId=account.network.nat_gateway)
        assert self.route_states(account, "private") == [
            ("10.0.0.0/16", "active"),
            ("0.0.0.0/0", "blackhole"),
        ]

    def test_a_route_to_a_detached_internet_gateway_is_a_blackhole(self, account: Account) -> None:
        network = account.network
        account.ec2.detach_internet_gateway(InternetGatewayId=network.internet_gateway, VpcId=network.vpc_id)
        assert self.route_states(account, "public") == [("10.0.0.0/16", "active"), ("0.0.0.0/0", "blackhole")]

    def test_a_route_to_a_deleted_interface_is_a_blackhole(self, account: Account) -> None:
        network = account.network
        created = account.ec2.create_network_interface(SubnetId=network.subnets["public-a"])[
            "NetworkInterface"
        ]
        network.route_default("isolated", NetworkInterfaceId=created["NetworkInterfaceId"])
        assert self.route_states(account, "isolated")[1] == ("0.0.0.0/0", "active")
        account.ec2.delete_network_interface(NetworkInterfaceId=created["NetworkInterfaceId"])
        assert self.route_states(account, "isolated")[1] == ("0.0.0.0/0", "blackhole")

    def test_a_new_network_acl_denies_everything_at_the_end(self, account: Account) -> None:
        acl = account.ec2.create_network_acl(VpcId=account.network.vpc_id)["NetworkAcl"]
        described = account.ec2.describe_network_acls(NetworkAclIds=[acl["NetworkAclId"]])["NetworkAcls"][0]
        assert sorted(
            (entry["Egress"], entry["RuleNumber"], entry["RuleAction"], entry["Protocol"])
            for entry in described["Entries"]
        ) == [(False, 32767, "deny", "-1"), (True, 32767, "deny", "-1")]

    def test_a_vpc_has_amazons_dns_server(self, account: Account) -> None:
        vpc = account.ec2.describe_vpcs(VpcIds=[account.network.vpc_id])["Vpcs"][0]
        options = account.ec2.describe_dhcp_options(DhcpOptionsIds=[vpc["DhcpOptionsId"]])["DhcpOptions"]
        assert options[0]["DhcpConfigurations"] == [
            {"Key": "domain-name-servers", "Values": [{"Value": "AmazonProvidedDNS"}]},
            {"Key": "domain-name", "Values": [{"Value": "ec2.internal"}]},
        ]


class TestEndpoints:
    def describe(self, account: Account, endpoint: str) -> Any:
        return account.ec2.describe_vpc_endpoints(VpcEndpointIds=[endpoint])["VpcEndpoints"][0]

    def test_a_gateway_endpoint_has_no_private_dns(self, account: Account) -> None:
        endpoint = account.network.add_s3_gateway_endpoint(["private"])
        assert self.describe(account, endpoint)["PrivateDnsEnabled"] is False

    def test_interfaces_are_in_the_endpoints_groups(self, account: Account) -> None:
        network = account.network
        group, other = network.add_security_group("endpoints"), network.security_groups["tasks"]
        endpoint = network.add_interface_endpoint("ecr.api", ["private-a", "private-b"], "endpoints")
        account.ec2.modify_vpc_endpoint(
            VpcEndpointId=endpoint, AddSecurityGroupIds=[other], RemoveSecurityGroupIds=[group]
        )
        described = self.describe(account, endpoint)
        found = account.ec2.describe_network_interfaces(NetworkInterfaceIds=described["NetworkInterfaceIds"])
        assert [
            [item["GroupId"] for item in interface["Groups"]] for interface in found["NetworkInterfaces"]
        ] == [[other], [other]]
        assert {interface["InterfaceType"] for interface in found["NetworkInterfaces"]} == {"vpc_endpoint"}

    def test_without_a_group_it_is_the_default_one(self, account: Account) -> None:
        network = account.network
        created = account.ec2.create_vpc_endpoint(
            VpcEndpointType="Interface",
            VpcId=network.vpc_id,
            ServiceName="com.amazonaws.us-east-1.ecr.api",
            SubnetIds=[network.subnets["private-a"]],
        )["VpcEndpoint"]
        (group,) = self.describe(account, created["VpcEndpointId"])["Groups"]
        assert group["GroupName"] == "default"

    def test_private_dns_is_switched(self, account: Account) -> None:
        account.network.add_security_group("endpoints")
        endpoint = account.network.add_interface_endpoint("ecr.api", ["private-a"], "endpoints")
        account.ec2.modify_vpc_endpoint(VpcEndpointId=endpoint, PrivateDnsEnabled=False)
        assert self.describe(account, endpoint)["PrivateDnsEnabled"] is False
        account.ec2.modify_vpc_endpoint(VpcEndpointId=endpoint, PrivateDnsEnabled=True)
        assert self.describe(account, endpoint)["PrivateDnsEnabled"] is True

    def test_subnets_bring_and_take_interfaces(self, account: Account) -> None:
        network = account.network
        network.add_security_group("endpoints")
        endpoint = network.add_interface_endpoint("ecr.api", ["private-a"], "endpoints")
        account.ec2.modify_vpc_endpoint(
            VpcEndpointId=endpoint,
            AddSubnetIds=[network.subnets["private-b"]],
            RemoveSubnetIds=[network.subnets["private-a"]],
        )
        (interface,) = self.describe(account, endpoint)["NetworkInterfaceIds"]
        found = account.ec2.describe_network_interfaces(NetworkInterfaceIds=[interface])["NetworkInterfaces"][
            0
        ]
        assert found["SubnetId"] == network.subnets["private-b"]

    def test_route_tables_get_and_lose_the_route(self, account: Account) -> None:
        network = account.network
        endpoint = network.add_s3_gateway_endpoint(["private"])
        account.ec2.modify_vpc_endpoint(
            VpcEndpointId=endpoint,
            AddRouteTableIds=[network.route_tables["public"]],
            RemoveRouteTableIds=[network.route_tables["private"]],
        )
        tables = account.ec2.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [network.vpc_id]}])
        assert [
            table["RouteTableId"]
            for table in tables["RouteTables"]
            if any(route.get("GatewayId") == endpoint for route in table["Routes"])
        ] == [network.route_tables["public"]]

    def test_a_reset_policy_allows_everything(self, account: Account) -> None:
        endpoint = account.network.add_s3_gateway_endpoint(["private"])
        account.network.set_endpoint_policy("s3", {"Version": "2012-10-17", "Statement": []})
        account.ec2.modify_vpc_endpoint(VpcEndpointId=endpoint, ResetPolicy=True)
        (statement,) = json.loads(self.describe(account, endpoint)["PolicyDocument"])["Statement"]
        assert (statement["Effect"], statement["Action"], statement["Resource"]) == ("Allow", "*", "*")

    def test_a_deleted_endpoint_is_gone(self, account: Account) -> None:
        endpoint = account.network.add_s3_gateway_endpoint(["private"])
        account.ec2.delete_vpc_endpoints(VpcEndpointIds=[endpoint])
        with pytest.raises(ClientError) as caught:
            self.describe(account, endpoint)
        assert error_code(caught) == "InvalidVpcEndpointId.NotFound"


class TestOtherServices:
    def test_block_public_access_is_off_until_set(self, aws: EmulatedAws) -> None:
        ec2 = aws.client("ec2")
        options = ec2.describe_vpc_block_public_access_options()["VpcBlockPublicAccessOptions"]
        assert options["InternetGatewayBlockMode"] == "off"
        assert ec2.describe_vpc_block_public_access_exclusions()["VpcBlockPublicAccessExclusions"] == []

    def test_block_public_access_is_set_for_one_region(self, account: Account) -> None:
        ec2 = account.ec2
        ec2.modify_vpc_block_public_access_options(InternetGatewayBlockMode="block-ingress")
        subnet = account.network.subnets["public-a"]
        made = ec2.create_vpc_block_public_access_exclusion(
            SubnetId=subnet, InternetGatewayExclusionMode="allow-egress"
        )["VpcBlockPublicAccessExclusion"]
        options = ec2.describe_vpc_block_public_access_options()["VpcBlockPublicAccessOptions"]
        assert options["InternetGatewayBlockMode"] == "block-ingress"
        (found,) = ec2.describe_vpc_block_public_access_exclusions(ExclusionIds=[made["ExclusionId"]])[
            "VpcBlockPublicAccessExclusions"
        ]
        assert found["ResourceArn"] == f"arn:aws:ec2:us-east-1:{ACCOUNT_ID}:subnet/{subnet}"
        elsewhere = account.client("ec2", "eu-west-1").describe_vpc_block_public_access_options()
        assert elsewhere["VpcBlockPublicAccessOptions"]["InternetGatewayBlockMode"] == "off"
        ec2.delete_vpc_block_public_access_exclusion(ExclusionId=made["ExclusionId"])
        with pytest.raises(ClientError) as caught:
            ec2.delete_vpc_block_public_access_exclusion(ExclusionId=made["ExclusionId"])
        assert error_code(caught) == "InvalidVpcBlockPublicAccessExclusionId.NotFound"

    def test_cache_rules_are_none_until_made(self, aws: EmulatedAws) -> None:
        ecr = aws.client("ecr")
        assert ecr.describe_pull_through_cache_rules()["pullThroughCacheRules"] == []
        ecr.create_pull_through_cache_rule(
            ecrRepositoryPrefix="docker-hub", upstreamRegistryUrl="registry-1.docker.io"
        )
        (rule,) = ecr.describe_pull_through_cache_rules()["pullThroughCacheRules"]
        assert (rule["ecrRepositoryPrefix"], rule["registryId"]) == ("docker-hub", ACCOUNT_ID)
        with pytest.raises(ecr.exceptions.PullThroughCacheRuleNotFoundException):
            ecr.describe_pull_through_cache_rules(ecrRepositoryPrefixes=["quay"])
        ecr.delete_pull_through_cache_rule(ecrRepositoryPrefix="docker-hub")
        assert ecr.describe_pull_through_cache_rules()["pullThroughCacheRules"] == []

    def test_creation_templates_are_kept(self, aws: EmulatedAws) -> None:
        ecr = aws.client("ecr")
        assert ecr.describe_repository_creation_templates()["repositoryCreationTemplates"] == []
        ecr.create_repository_creation_template(
            prefix="hub", appliedFor=["PULL_THROUGH_CACHE"], resourceTags=[{"Key": "team", "Value": "shop"}]
        )
        role = f"arn:aws:iam::{aws.account_id}:role/ecr-templates"
        ecr.update_repository_creation_template(prefix="hub", customRoleArn=role)
        (template,) = ecr.describe_repository_creation_templates()["repositoryCreationTemplates"]
        assert (template["prefix"], template["customRoleArn"]) == ("hub", role)
        assert template["resourceTags"] == [{"Key": "team", "Value": "shop"}]
        assert (
            ecr.describe_repository_creation_templates(prefixes=["quay"])["repositoryCreationTemplates"] == []
        )
        with pytest.raises(ClientError, match="TemplateAlreadyExistsException"):
            ecr.create_repository_creation_template(prefix="hub", appliedFor=["REPLICATION"])
        ecr.delete_repository_creation_template(prefix="hub")
        with pytest.raises(ClientError, match="TemplateNotFoundException"):
            ecr.delete_repository_creation_template(prefix="hub")

    def test_another_accounts_registry_is_denied(self, aws: EmulatedAws) -> None:
        aws.client("ecr", account="444455556666").create_repository(repositoryName="app")
        with pytest.raises(
            ClientError, match="no resource-based policy allows the ecr:DescribeImages"
        ) as caught:
            aws.client("ecr").describe_images(registryId="444455556666", repositoryName="app")
        assert error_code(caught) == "AccessDeniedException"

    def test_the_own_registry_may_be_named(self, account: Account) -> None:
        answer = account.ecr.describe_images(registryId=ACCOUNT_ID, repositoryName="ledger")
        assert len(answer["imageDetails"]) == 3

    def test_digests_and_sizes_are_true(self, account: Account) -> None:
        wanted = [{"imageTag": "1.4.2"}]
        (image,) = account.ecr.batch_get_image(repositoryName="payments-api", imageIds=wanted)["images"]
        (detail,) = account.ecr.describe_images(repositoryName="payments-api", imageIds=wanted)[
            "imageDetails"
        ]
        assert digest_of(image["imageManifest"]) == image["imageId"]["imageDigest"] == detail["imageDigest"]
        manifest = json.loads(image["imageManifest"])
        layers = sum(layer["size"] for layer in manifest["layers"])
        assert detail["imageSizeInBytes"] == layers + manifest["config"]["size"] > 40_000_000

    def test_the_policy_simulator_judges_role_boundary_and_organization(self, account: Account) -> None:
        bound = account.iam.create_policy(PolicyName="bound", PolicyDocument=json.dumps(policy(ALLOW_LOGIN)))[
            "Policy"
        ]["Arn"]
        role = account.add_role("judged", inline={"pull": policy(ALLOW_LOGIN, ALLOW_PULL)}, boundary=bound)
        simulate = account.iam.simulate_principal_policy
        asked = {"PolicySourceArn": role, "ActionNames": ["ecr:GetAuthorizationToken"]}
        (login,) = simulate(**asked)["EvaluationResults"]
        assert login["EvalDecision"] == "allowed"
        assert login["OrganizationsDecisionDetail"] == {"AllowedByOrganizations": True}
        assert login["PermissionsBoundaryDecisionDetail"] == {"AllowedByPermissionsBoundary": True}
        arns = [account.repository_arn(), account.repository_arn("ledger")]
        (pull,) = simulate(PolicySourceArn=role, ActionNames=["ecr:BatchGetImage"], ResourceArns=arns)[
            "EvaluationResults"
        ]
        assert pull["EvalDecision"] == "implicitDeny"
        each = pull["ResourceSpecificResults"]
        assert [item["EvalResourceName"] for item in each] == arns
        assert {
            item["PermissionsBoundaryDecisionDetail"]["AllowedByPermissionsBoundary"] for item in each
        } == {False}
        account.set_service_control_policies(policy({**ALLOW_LOGIN, "Effect": "Deny"}))
        (login,) = simulate(**asked)["EvaluationResults"]
        assert login["EvalDecision"] == "explicitDeny"
        assert login["OrganizationsDecisionDetail"] == {"AllowedByOrganizations": False}
        account.aws.reset()
        with pytest.raises(ClientError) as caught:
            simulate(**asked)
        assert error_code(caught) == "NoSuchEntity"

    def test_the_policy_simulator_names_a_key_that_it_was_not_given(self, account: Account) -> None:
        from_vpc = {**ALLOW_LOGIN, "Condition": {"StringEquals": {"aws:SourceVpc": "vpc-1"}}}
        role = account.add_role("conditional", inline={"pull": policy(from_vpc)})
        entry = {"ContextKeyName": "aws:SourceVpc", "ContextKeyValues": ["vpc-1"], "ContextKeyType": "string"}
        asked = {"PolicySourceArn": role, "ActionNames": ["ecr:GetAuthorizationToken"]}
        (without,) = account.iam.simulate_principal_policy(**asked)["EvaluationResults"]
        assert (without["EvalDecision"], without["MissingContextValues"]) == (
            "implicitDeny",
            ["aws:SourceVpc"],
        )
        (given,) = account.iam.simulate_principal_policy(**asked, ContextEntries=[entry])["EvaluationResults"]
        assert (given["EvalDecision"], given["MissingContextValues"]) == ("allowed", [])

    def test_managed_policies_are_readable(self, account: Account) -> None:
        (attached,) = account.iam.list_attached_role_policies(RoleName="ecsTaskExecutionRole")[
            "AttachedPolicies"
        ]
        policy = account.iam.get_policy(PolicyArn=attached["PolicyArn"])["Policy"]
        version = account.iam.get_policy_version(
            PolicyArn=attached["PolicyArn"], VersionId=policy["DefaultVersionId"]
        )["PolicyVersion"]
        assert "ecr:BatchGetImage" in version["Document"]["Statement"][0]["Action"]


def test_a_registry_has_its_settings(aws: EmulatedAws) -> None:
    ecr = aws.client("ecr")
    assert ecr.get_account_setting(name="REGISTRY_POLICY_SCOPE")["value"] == "V2"
    with pytest.raises(ClientError, match="is not a setting"):
        ecr.get_account_setting(name="COLOUR")
