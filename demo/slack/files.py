"""Files that an app uploads, in the three steps that Slack wants: an address, the content, and the channel it is for.

Slack: https://docs.slack.dev/messaging/working-with-files/#uploading_files
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from aiohttp import web

from demo.slack.errors import SlackRefusal
from demo.slack.workspace import Workspace


@dataclass
class UploadedFile:
    """A file; `content` is None until it was sent."""

    id: str
    name: str
    length: int
    content: bytes | None = None
    title: str = ""
    shared: bool = False


class Files:
    """The files of a workspace.

    Args:
        workspace: where they are.
        url: the address of the server, without a slash at the end.
    """

    def __init__(self, workspace: Workspace, url: Callable[[], str]) -> None:
        self._workspace = workspace
        self._url = url
        self._files: dict[str, UploadedFile] = {}

    def offer(self, name: str, length: int) -> dict[str, str]:
        """An address for a file of so many bytes."""
        file = UploadedFile(f"F{self._workspace.serial():08d}", name, length)
        self._files[file.id] = file
        return {"upload_url": f"{self._url()}/upload/{file.id}", "file_id": file.id}

    def share(self, file_id: str, title: str) -> UploadedFile:
        """A file that was sent, for a channel. Raises SlackRefusal `file_not_found`."""
        file = self._files.get(file_id)
        if file is None or file.content is None or file.shared:
            raise SlackRefusal("file_not_found")
        file.title, file.shared = title, True
        return file

    async def upload(self, request: web.Request) -> web.StreamResponse:
        """The content of a file comes in."""
        file = self._files.get(request.match_info["file"])
        content = await request.read()
        if file is None or file.content is not None:
            raise web.HTTPNotFound(text="there is no such upload")
        if len(content) != file.length:
            raise web.HTTPBadRequest(text="another length was announced")
        file.content = content
        return web.Response(text=f"OK - {len(content)}")
