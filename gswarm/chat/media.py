"""Media by address: fetched for a client, from public hosts only, and put inside.

A host's name is resolved once, every address of the answer is judged, and the
connection goes to a judged address, so that a name cannot change its mind in between.
Redirects are judged anew. Size and time are limits on the whole, however slowly a
host drips, and what comes is counted before it is kept.
"""

from __future__ import annotations

import base64
import http.client
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any, TypeAlias
from urllib.parse import SplitResult, quote

from .. import __version__, urls
from ..errors import InvalidRequest
from ..gemini import media_types
from ..gemini.request import Body
from .in_flight import BytesInFlight, Share, ShareSpent

MAX_ADDRESSES = 16
MAX_AT_ONCE = 4
MAX_BYTES = 20_000_000
MAX_SECONDS = 10.0
MAX_REDIRECTS = 3
STEP = 65_536

MOST_IN_FLIGHT = 100_000_000
"""Bytes of media that the requests of one process hold at once."""

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
Where: TypeAlias = tuple[int, Any]
"""An address family, and an address as sockets of that family take it."""

NAT64 = ipaddress.ip_network("64:ff9b::/96")
LOCAL_NAT64 = ipaddress.ip_network("64:ff9b:1::/48")
MEDIA = ("image/", "audio/", "video/", "application/pdf", "text/plain", "text/csv")


class NotFetched(Exception):
    """Media cannot be had; the reason is fit for the client that named it."""


@dataclass(frozen=True, slots=True)
class Media:
    """What an address held."""

    mime_type: str
    content: bytes

    def as_part(self) -> Body:
        data = base64.b64encode(self.content).decode("ascii")
        return media_types.inline_data(self.mime_type, data)


Take: TypeAlias = Callable[[int], None]
"""Told of bytes before they are kept, as `Share.take`; may refuse them."""

Fetch: TypeAlias = Callable[[str, float, Take], Media]
"""Fetches an address before a `time.monotonic` instant, or raises `NotFetched`."""

Resolve: TypeAlias = Callable[[str, int, float], list[Any]]
"""Looks a host up, as `socket.getaddrinfo` does, before a `time.monotonic` instant."""


# ----------------------------------------------------------------------- inlining


def share_of_media(in_flight: BytesInFlight | None = None) -> Share:
    """What one request may hold of media that it only names."""
    return (in_flight or BytesInFlight(MOST_IN_FLIGHT)).share(MAX_BYTES)


def inline_remote(
    body: Body,
    fetch: Fetch,
    remote: Mapping[str, str],
    share: Share | None = None,
) -> Body:
    """The body with the media of every ``remote`` address inside.

    ``remote`` maps an address to the request field it came from, which an
    `InvalidRequest` names. ``body`` is not changed. The media count in ``share``, which
    is released when they are no longer held; `Unavailable` says that they do not fit.
    """
    if not remote:
        return body
    if len(remote) > MAX_ADDRESSES:
        raise InvalidRequest(
            f"At most {MAX_ADDRESSES} media addresses are fetched for one request.",
            param=next(iter(remote.values())),
            code="invalid_image_url",
        )
    parts = _fetch_all(fetch, remote, share or share_of_media())
    contents = [_inlined(content, parts) for content in body["contents"]]
    return {**body, "contents": contents}


def _fetch_all(
    fetch: Fetch, remote: Mapping[str, str], share: Share
) -> dict[str, Body]:
    deadline = time.monotonic() + MAX_SECONDS
    pool = ThreadPoolExecutor(MAX_AT_ONCE)
    try:
        coming = {url: pool.submit(fetch, url, deadline, share.take) for url in remote}
        return {
            url: _awaited(coming.pop(url), remote[url], deadline).as_part()
            for url in remote
        }
    except BaseException:
        # Those that are still being fetched stop with the next piece.
        share.release()
        raise
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _awaited(coming: Future[Media], param: str, deadline: float) -> Media:
    try:
        return coming.result(max(0.0, deadline - time.monotonic()))
    except NotFetched as failed:
        raise _refused(param, str(failed)) from None
    except ShareSpent:
        raise _refused(param, "all media together are too large") from None
    except TimeoutError:
        raise _refused(param, "it took too long") from None


def _refused(param: str, reason: str) -> InvalidRequest:
    message = f"Failed to download the media of '{param}': {reason}."
    return InvalidRequest(message, param=param, code="invalid_image_url")


def _inlined(content: Body, parts: Mapping[str, Body]) -> Body:
    return {**content, "parts": [_inlined_part(p, parts) for p in content["parts"]]}


def _inlined_part(part: Body, parts: Mapping[str, Body]) -> Body:
    if result := part.get("functionResponse"):
        if "parts" not in result:
            return part
        return {**part, "functionResponse": _inlined(result, parts)}
    found = parts.get(part["fileData"]["fileUri"]) if "fileData" in part else None
    if found is None:
        return part
    return {**{k: v for k, v in part.items() if k != "fileData"}, **found}


# ----------------------------------------------------------------------- fetching


def is_public(address: Address) -> bool:
    """Whether an address is out on the internet, also when one hides in another."""
    if isinstance(address, ipaddress.IPv6Address):
        hidden = address.ipv4_mapped or address.sixtofour
        if hidden is None and address in NAT64:
            hidden = ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
        if hidden is not None:
            return is_public(hidden)
        if address.is_site_local or address.teredo or address in LOCAL_NAT64:
            return False
    refused = address.is_multicast or address.is_reserved
    return address.is_global and not refused


class Fetcher:
    """Fetches media from hosts whose every address ``allow`` accepts."""

    def __init__(
        self,
        allow: Callable[[Address], bool] = is_public,
        tls: ssl.SSLContext | None = None,
        resolve: Resolve | None = None,
    ) -> None:
        self._allow = allow
        self._tls = tls or ssl.create_default_context()
        self._resolve = resolve or _look_up

    def __call__(self, url: str, deadline: float, take: Take = lambda _: None) -> Media:
        for _ in range(MAX_REDIRECTS + 1):
            found = self._follow(url, deadline, take)
            if isinstance(found, Media):
                return found
            url = found
        raise NotFetched("it redirects too often")

    def _follow(self, url: str, deadline: float, take: Take) -> Media | str:
        """What the address holds, or where it points."""
        target = _target(url)
        where = self._judged(target, deadline)
        try:
            with _connected(target, where, self._tls, deadline) as connection:
                return _exchange(connection, target, deadline, take)
        except ssl.SSLCertVerificationError:
            raise NotFetched("its certificate is not valid") from None
        except (OSError, http.client.HTTPException):
            late = time.monotonic() >= deadline
            reason = "it took too long" if late else "the host did not answer"
            raise NotFetched(reason) from None

    def _judged(self, target: SplitResult, deadline: float) -> Where:
        """Where to connect; one bad address among a name's answers spoils them all."""
        try:
            answers = self._resolve(target.hostname or "", _port(target), deadline)
        except TimeoutError:
            raise NotFetched("its host could not be found in time") from None
        except (OSError, UnicodeError):
            raise NotFetched("its host is not known") from None
        for *_, address in answers:
            bare = str(address[0]).partition("%")[0]
            if not self._allow(ipaddress.ip_address(bare)):
                raise NotFetched("its host is not public")
        return answers[0][0], answers[0][4]


def _look_up(host: str, port: int, _: float) -> list[Any]:
    return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)


def _target(url: str) -> SplitResult:
    try:
        target = urls.split(url)
        host, port = target.hostname, target.port
        if host:
            host.encode("idna")
    except (ValueError, UnicodeError):
        raise NotFetched("it is not a valid address") from None
    if target.scheme not in ("http", "https") or not host or port == 0:
        raise NotFetched("it is not an http(s) address")
    if target.username is not None or target.password is not None:
        raise NotFetched("it holds a password")
    return target


def _port(target: SplitResult) -> int:
    return target.port or (443 if target.scheme == "https" else 80)


@contextmanager
def _connected(
    target: SplitResult, where: Where, tls: ssl.SSLContext, deadline: float
) -> Iterator[http.client.HTTPConnection]:
    """A connection to this very address that is cut at the deadline."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    family, address = where
    line = socket.socket(family, socket.SOCK_STREAM)
    line.settimeout(left)
    cut = threading.Timer(left, lambda: _cut(line))
    cut.daemon = True
    cut.start()
    try:
        line.connect(address)
        name = _ascii_host(target)
        if target.scheme == "https":
            line = tls.wrap_socket(
                line, server_hostname=name, do_handshake_on_connect=False
            )
            line.do_handshake()
        connection = http.client.HTTPConnection(name, _port(target))
        connection.sock = line
        yield connection
    finally:
        cut.cancel()
        _cut(line)
        line.close()


def _cut(line: socket.socket) -> None:
    """Wake whoever waits for a host that drips; the line may be gone already."""
    try:
        line.shutdown(socket.SHUT_RDWR)
    except OSError:
        return


def _ascii_host(target: SplitResult) -> str:
    host = target.hostname or ""
    return host if ":" in host else host.encode("idna").decode("ascii")


def _exchange(
    connection: http.client.HTTPConnection,
    target: SplitResult,
    deadline: float,
    take: Take,
) -> Media | str:
    path = quote(target.path or "/", safe="/%:@!$&'()*+,;=~-._")
    query = (
        "?" + quote(target.query, safe="/%:@!$&'()*+,;=~-._?") if target.query else ""
    )
    headers = {
        "Host": _host_header(target),
        "User-Agent": f"gswarm/{__version__}",
        "Accept": "image/*, audio/*, video/*, application/pdf, */*;q=0.5",
        "Accept-Encoding": "identity",
        "Connection": "close",
    }
    connection.request("GET", path + query, headers=headers)
    with closing(connection.getresponse()) as response:
        if response.status in (301, 302, 303, 307, 308):
            return _led_to(target, response.headers.get("Location", ""))
        if response.status != 200:
            raise NotFetched(f"its host answered {response.status}")
        content = _read(response, deadline, take)
        return Media(_type(response, target, content), content)


def _led_to(target: SplitResult, location: str) -> str:
    try:
        return urls.join(target.geturl(), location)
    except ValueError:
        raise NotFetched("it redirects to no address") from None


def _host_header(target: SplitResult) -> str:
    host = _ascii_host(target)
    host = f"[{host}]" if ":" in host else host
    return f"{host}:{target.port}" if target.port else host


def _read(response: http.client.HTTPResponse, deadline: float, take: Take) -> bytes:
    if response.headers.get("Content-Encoding", "identity") != "identity":
        raise NotFetched("its host sent it compressed")
    if (response.length or 0) > MAX_BYTES:
        raise NotFetched(f"it is larger than {MAX_BYTES // 1_000_000} MB")
    content = bytearray()
    while piece := response.read1(STEP):
        take(len(piece))
        content += piece
        if len(content) > MAX_BYTES:
            raise NotFetched(f"it is larger than {MAX_BYTES // 1_000_000} MB")
    # A line that was cut looks like one that ended.
    if time.monotonic() >= deadline:
        raise TimeoutError
    if response.length:
        raise http.client.IncompleteRead(b"")
    return bytes(content)


def _type(response: Any, target: SplitResult, content: bytes) -> str:
    """What it is: by its first bytes, else as its host says, else by its name."""
    said = media_types.known_type(response.headers.get("Content-Type", ""))
    if said is None or said in media_types.GENERIC_TYPES:
        said = media_types.type_of_name(target.path)
    mime_type = media_types.sniffed_type(content[:64]) or said
    if not content or mime_type is None or not mime_type.startswith(MEDIA):
        raise NotFetched("it does not hold an image, audio, video or PDF")
    return mime_type
