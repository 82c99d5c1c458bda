"""moto's EC2, loaded quickly: for its list of Regions it begins three sessions, and each would read botocore's files from disk."""

from __future__ import annotations

from unittest import mock

from botocore.loaders import create_loader

loader = create_loader()
"""What every session reads the models of AWS's services with, and remembers."""

with mock.patch("botocore.session.create_loader", return_value=loader):
    import moto.ec2.models  # noqa: F401
