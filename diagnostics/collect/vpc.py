"""Reads everything about one VPC that a pull may depend on."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from diagnostics.collect import calls
from diagnostics.collect.ids import read_groups, read_instances, read_interfaces, too_many
from diagnostics.collect.parsing import OwnedVpc
from diagnostics.collect.reading import Reader, hanging_on, is_pending, merged
from diagnostics.pull import ENDPOINT_SERVICES
from diagnostics.snapshot import (
    Absent,
    DhcpOptions,
    EgressOnlyInternetGateway,
    Fact,
    Instance,
    Known,
    NetworkInterface,
    PrefixList,
    Reason,
    Route,
    RouteTable,
    SecurityGroup,
    Unavailable,
    Vpc,
    VpcEndpoint,
    VpcFacts,
    Why,
    known_or,
    known_value,
)

T = TypeVar("T")

MOST_PREFIX_LISTS = 20
MOST_ROUTE_TARGETS = 50
_ON_THE_WAY = tuple(f".{name}" for name in ENDPOINT_SERVICES)


def read_vpc(
    reader: Reader, vpc_id: str, puller_groups: Iterable[tuple[str, ...]], account: str | None,
    subnets: Iterable[str] = (),
) -> VpcFacts:  # fmt: skip
    """The facts of one VPC.

    Args:
        puller_groups: the security groups of the puller, one tuple for each place that names them; each is
            one call.
        account: the account that asks, to tell a VPC that another account shares with it.
        subnets: the pulling subnets, whose routes come first where not all prefix lists can be read.
    """
    own_groups = tuple(puller_groups)
    here = {"Filters": [{"Name": "vpc-id", "Values": [vpc_id]}]}
    attached = {"Filters": [{"Name": "attachment.vpc-id", "Values": [vpc_id]}]}
    owned = reader.read(calls.DESCRIBE_VPC, {"VpcIds": [vpc_id]}, about=vpc_id)
    owner = _other_owner(owned, account)
    tables = reader.read(calls.DESCRIBE_ROUTE_TABLES, here, about=vpc_id)
    endpoints = reader.read(calls.DESCRIBE_VPC_ENDPOINTS, here, about=vpc_id)
    nat_gateways = reader.read(calls.DESCRIBE_NAT_GATEWAYS, {"Filter": here["Filters"]}, about=vpc_id)
    acls = reader.read(calls.DESCRIBE_NETWORK_ACLS, here, about=vpc_id)
    gateways = reader.read(calls.DESCRIBE_INTERNET_GATEWAYS, attached, about=vpc_id)
    interfaces, instances = _route_targets(reader, tables, set(subnets))
    interfaces = merged(interfaces, _endpoint_interfaces(reader, endpoints))
    groups: dict[str, Fact[SecurityGroup]] = {}
    for ids in (*own_groups, _endpoint_groups(endpoints), _target_groups(interfaces, instances, tables)):
        groups = merged(groups, read_groups(reader, ids))
    aws_lists = reader.read(calls.DESCRIBE_PREFIX_LISTS)
    return VpcFacts(
        vpc_id=vpc_id,
        vpc=_without_owner(owned),
        enable_dns_support=reader.read(
            calls.DESCRIBE_DNS_SUPPORT, {"VpcId": vpc_id, "Attribute": "enableDnsSupport"}, about=vpc_id
        ),
        enable_dns_hostnames=reader.read(
            calls.DESCRIBE_DNS_HOSTNAMES, {"VpcId": vpc_id, "Attribute": "enableDnsHostnames"}, about=vpc_id
        ),
        dhcp_options=_dhcp_options(reader, owned),
        subnets=reader.read(calls.DESCRIBE_SUBNETS, here, about=vpc_id),
        route_tables=_unless_hidden(tables, owner),
        network_acls=_unless_hidden(acls, owner),
        nat_gateways=_unless_hidden(nat_gateways, owner),
        internet_gateways=_unless_hidden(gateways, owner),
        egress_only_internet_gateways=_unless_hidden(_egress_only(reader, owned), owner),
        vpc_endpoints=_unless_hidden(endpoints, owner),
        security_groups=dict(sorted(groups.items())),
        prefix_lists=_prefix_lists(
            reader, aws_lists, tables, groups, {name for ids in own_groups for name in ids}, set(subnets)
        ),
        service_prefix_lists=_service_lists(reader, aws_lists),
        interfaces=dict(sorted(interfaces.items())),
        instances=dict(sorted(instances.items())),
        block_public_access=_of_owner(reader.read(calls.DESCRIBE_BLOCK_PUBLIC_ACCESS_OPTIONS), owner),
        block_public_access_exclusions=_of_owner(
            reader.read(calls.DESCRIBE_BLOCK_PUBLIC_ACCESS_EXCLUSIONS), owner
        ),
    )


# --- VPCs that another account shares ----------------------------------------------------------------


def _other_owner(owned: Fact[OwnedVpc], account: str | None) -> str | None:
    vpc = known_value(owned)
    if vpc is None or vpc.owner_id is None or account is None or vpc.owner_id == account:
        return None
    return vpc.owner_id


def _hidden(owner: str, call: str | None) -> Unavailable:
    return Unavailable(reason=Reason.about(Why.SHARED_VPC, owner), call=call)


def _unless_hidden(fact: Fact[tuple[T, ...]], owner: str | None) -> Fact[tuple[T, ...]]:
    """An empty list says nothing where the VPC is another account's: a participant does not see all of it.

    AWS: https://docs.aws.amazon.com/vpc/latest/userguide/vpc-share-limitations.html
    """
    if owner is not None and isinstance(fact, Known) and not fact.value:
        return _hidden(owner, None)
    return fact


def _of_owner(fact: Fact[T], owner: str | None) -> Fact[T]:
    """A setting of the account, which is of no use where the VPC is another account's."""
    return fact if owner is None else _hidden(owner, None)


def _without_owner(owned: Fact[OwnedVpc]) -> Fact[Vpc]:
    return Known(value=Vpc.model_validate(owned.value.model_dump())) if isinstance(owned, Known) else owned


# --- what hangs on the VPC itself --------------------------------------------------------------------


def _dhcp_options(reader: Reader, owned: Fact[OwnedVpc]) -> Fact[DhcpOptions]:
    if not isinstance(owned, Known):
        return hanging_on(owned, Why.VPC_ABSENT)
    options = owned.value.dhcp_options_id
    if options is None:
        return Unavailable(reason=Why.UNREADABLE, call=calls.DESCRIBE_VPC.action, resource=owned.value.vpc_id)
    if options == "default":
        # `default` is how a VPC says that it has no DHCP options set.
        return Absent(call=calls.DESCRIBE_VPC.action)
    return reader.read(calls.DESCRIBE_DHCP_OPTIONS, {"DhcpOptionsIds": [options]}, about=options)


def _egress_only(reader: Reader, owned: Fact[OwnedVpc]) -> Fact[tuple[EgressOnlyInternetGateway, ...]]:
    """Egress-only internet gateways carry IPv6 alone, so they are asked for only where the VPC has IPv6."""
    if not isinstance(owned, Known):
        return hanging_on(owned, Why.VPC_ABSENT)
    if not owned.value.ipv6_cidr_block_association_set:
        return Known(value=())
    fact = reader.read(calls.DESCRIBE_EGRESS_ONLY_INTERNET_GATEWAYS)
    if not isinstance(fact, Known):
        return fact
    vpc_id = owned.value.vpc_id
    return fact.model_copy(
        update={"value": tuple(item for item in fact.value if item.is_attached_to(vpc_id))}
    )


# --- what routes, endpoints and rules name -----------------------------------------------------------


def _routes(tables: Fact[tuple[RouteTable, ...]]) -> tuple[Route, ...]:
    return tuple(route for table in known_value(tables) or () for route in table.routes)


def _route_targets(
    reader: Reader, tables: Fact[tuple[RouteTable, ...]], subnets: set[str]
) -> tuple[dict[str, Fact[NetworkInterface]], dict[str, Fact[Instance]]]:
    """The interfaces and instances that routes lead to: NAT instances and appliances. Those of the pulling subnets come first."""
    routes = sorted(
        _routes(tables), key=lambda item: (item.network_interface_id or "", item.instance_id or "")
    )
    own = {id(route) for table in _tables_of(tables, subnets) for route in table.routes}
    routes.sort(key=lambda item: id(item) not in own)
    interfaces = tuple(
        dict.fromkeys(item.network_interface_id for item in routes if item.network_interface_id)
    )
    instances = tuple(dict.fromkeys(item.instance_id for item in routes if item.instance_id))
    left, gone = interfaces[MOST_ROUTE_TARGETS:], instances[MOST_ROUTE_TARGETS:]
    return (
        read_interfaces(reader, interfaces[:MOST_ROUTE_TARGETS])
        | {name: too_many(calls.DESCRIBE_NETWORK_INTERFACES, name) for name in left},
        read_instances(reader, instances[:MOST_ROUTE_TARGETS])
        | {name: too_many(calls.DESCRIBE_INSTANCES, name) for name in gone},
    )


def _tables_of(tables: Fact[tuple[RouteTable, ...]], subnets: set[str]) -> tuple[RouteTable, ...]:
    """The tables that the subnets may use: their own, and the main one."""
    return tuple(
        table
        for table in known_or(tables, ())
        if any(item.main or item.subnet_id in subnets for item in table.associations)
    )


def _relevant(endpoints: Fact[tuple[VpcEndpoint, ...]]) -> tuple[VpcEndpoint, ...]:
    return tuple(item for item in known_or(endpoints, ()) if item.service_name.endswith(_ON_THE_WAY))


def _endpoint_interfaces(
    reader: Reader, endpoints: Fact[tuple[VpcEndpoint, ...]]
) -> dict[str, Fact[NetworkInterface]]:
    """Those of one endpoint of each service first, so that no service is left out where there are too many."""
    every = _relevant(endpoints)
    first = {item.service_name: item for item in reversed(every)}.values()
    return read_interfaces(reader, (name for item in (*first, *every) for name in item.network_interface_ids))


def _endpoint_groups(endpoints: Fact[tuple[VpcEndpoint, ...]]) -> tuple[str, ...]:
    return tuple(sorted({group.group_id for item in _relevant(endpoints) for group in item.groups}))


def _target_groups(
    interfaces: dict[str, Fact[NetworkInterface]],
    instances: dict[str, Fact[Instance]],
    tables: Fact[tuple[RouteTable, ...]],
) -> tuple[str, ...]:
    """The groups of what routes lead to, once all of it is answered, so that it is one call."""
    named = {item.network_interface_id for item in _routes(tables) if item.network_interface_id}
    targets = [fact for name, fact in interfaces.items() if name in named]
    if any(is_pending(fact) for fact in (*targets, *instances.values())):
        return ()
    groups = {group.group_id for fact in targets if isinstance(fact, Known) for group in fact.value.groups}
    for fact in instances.values():
        if isinstance(fact, Known):
            groups |= {group.group_id for group in fact.value.security_groups}
    return tuple(sorted(groups))


def _prefix_lists(
    reader: Reader,
    service_lists: Fact[tuple[PrefixList, ...]],
    tables: Fact[tuple[RouteTable, ...]],
    groups: dict[str, Fact[SecurityGroup]],
    own_groups: set[str],
    subnets: set[str],
) -> dict[str, Fact[PrefixList]]:
    """The prefix lists that routes and security group rules name; AWS's own need no further call.

    There is room for some of them only: those of the puller's groups come first, then those of its subnets' tables.
    """
    if is_pending(service_lists):
        return {}
    own, others = _named_by_groups(groups, own_groups)
    here = {
        route.destination_prefix_list_id
        for table in _tables_of(tables, subnets)
        for route in table.routes
        if route.destination_prefix_list_id
    }
    every = {item.destination_prefix_list_id for item in _routes(tables) if item.destination_prefix_list_id}
    named = tuple(dict.fromkeys((*sorted(own), *sorted(here), *sorted(every | others))))
    pending = any(is_pending(groups[name]) for name in own_groups if name in groups) or is_pending(tables)
    if len(named) > MOST_PREFIX_LISTS and pending:
        return {}
    of_aws = {item.prefix_list_id: item for item in known_or(service_lists, ())}
    result: dict[str, Fact[PrefixList]] = {}
    asked = 0
    for name in named:
        if name in of_aws and of_aws[name].cidrs:
            result[name] = Known(value=of_aws[name])
        elif asked < MOST_PREFIX_LISTS:
            asked += 1
            result[name] = _entries(reader, of_aws.get(name) or PrefixList(prefix_list_id=name))
        else:
            result[name] = Unavailable(
                reason=Why.TOO_MANY_PREFIX_LISTS,
                call=calls.GET_MANAGED_PREFIX_LIST_ENTRIES.action,
                resource=name,
            )
    return dict(sorted(result.items()))


def _named_by_groups(groups: dict[str, Fact[SecurityGroup]], own: set[str]) -> tuple[set[str], set[str]]:
    """The prefix lists in the rules of the puller's groups, and in those of the others."""
    first, second = set[str](), set[str]()
    for name, group in groups.items():
        if isinstance(group, Known):
            for rule in (*group.value.ip_permissions, *group.value.ip_permissions_egress):
                (first if name in own else second).update(
                    item.prefix_list_id for item in rule.prefix_list_ids
                )
    return first, second


def _entries(reader: Reader, item: PrefixList) -> Fact[PrefixList]:
    """A prefix list with its entries, which only the service lists of a Region bring with them."""
    name = item.prefix_list_id
    fact = reader.read(calls.GET_MANAGED_PREFIX_LIST_ENTRIES, {"PrefixListId": name}, about=name)
    return Known(value=item.model_copy(update={"cidrs": fact.value})) if isinstance(fact, Known) else fact


def _service_lists(reader: Reader, fact: Fact[tuple[PrefixList, ...]]) -> Fact[tuple[PrefixList, ...]]:
    """AWS's own lists of the Region. Should Amazon S3's come without its entries, they are read apart."""
    if not isinstance(fact, Known):
        return fact
    lists: list[PrefixList] = []
    for item in fact.value:
        if not item.cidrs and (item.prefix_list_name or "").endswith(".s3"):
            filled = _entries(reader, item)
            if isinstance(filled, Unavailable):
                return filled
            item = known_or(filled, item)
        lists.append(item)
    return Known(value=tuple(lists))
