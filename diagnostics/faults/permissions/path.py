"""Names as other families import them until they follow the rooms."""

from diagnostics.faults.permissions.endpoint_on_the_way import network_keys, way_of

__all__ = ["network_keys", "way_of"]
