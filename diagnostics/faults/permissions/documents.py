"""Names as other families import them until they follow the rooms."""

from diagnostics.faults.permissions.policy_documents import boundary_document, document_of, identity_documents

__all__ = ["boundary_document", "document_of", "identity_documents"]
