"""An account's VPCs by name, and its container instances."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from demo.aws.clients import Clients
from demo.aws.network import Network
from demo.aws.server import EmulatedAws


@dataclass(frozen=True)
class Host:
    """A container instance: the EC2 instance under it and the role it pulls with."""

    cluster: str
    instance_id: str
    container_instance_arn: str
    role_name: str | None


class Hosts(Clients):
    """Knows the VPCs of the account and starts container instances in them."""

    def __init__(self, aws: EmulatedAws, account_id: str, region: str) -> None:
        super().__init__(aws, account_id, region)
        self.networks: dict[str, Network] = {}
        self.hosts: dict[str, Host] = {}
        self._machine_image = ""

    @property
    def network(self) -> Network:
        """The account's main VPC."""
        return self.networks["main"]

    def add_host(
        self,
        cluster: str,
        network: Network,
        *,
        subnet: str = "private-a",
        groups: Sequence[str] = ("tasks",),
        profile: str | None = None,
        public: bool = False,
    ) -> Host:
        """Start an EC2 instance with the named instance profile (or none) and register it with a cluster."""
        if not self._machine_image:
            # moto warns about images it does not know; a registered one is as good as ECS's.
            self._machine_image = self.ec2.register_image(
                Name="ecs-optimized", RootDeviceName="/dev/xvda", Architecture="x86_64"
            )["ImageId"]
        started = self.ec2.run_instances(
            ImageId=self._machine_image,
            InstanceType="m6i.large",
            MinCount=1,
            MaxCount=1,
            NetworkInterfaces=[
                {
                    "DeviceIndex": 0,
                    "SubnetId": network.subnets[subnet],
                    "Groups": [network.security_groups[group] for group in groups],
                    "AssociatePublicIpAddress": public,
                }
            ],
            **({"IamInstanceProfile": {"Name": profile}} if profile else {}),
        )
        instance = str(started["Instances"][0]["InstanceId"])
        registered = self.ecs.register_container_instance(
            cluster=cluster, instanceIdentityDocument=json.dumps({"instanceId": instance})
        )
        host = Host(cluster, instance, registered["containerInstance"]["containerInstanceArn"], profile)
        self.hosts[cluster] = host
        return host
