"""An HTTP response, taken apart as its bytes arrive."""

from __future__ import annotations

import zlib

import httptools

from ...errors import ServerFailure

MAX_HEAD_BYTES = 65536

ANY_WRAPPER = 47
"""zlib's window bits for "gzip or zlib, whichever it is"."""


class Response:
    """One response, fed with bytes.

    ``is_reusable`` says, once ``is_complete``, that the connection may carry another.
    Whatever breaks the rules of HTTP raises `ServerFailure`.
    """

    def __init__(self) -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        self.is_headed = False
        self.is_complete = False
        self.is_reusable = False
        self._parser = httptools.HttpResponseParser(self)
        self._pieces: list[bytes] = []
        self._head_bytes = 0
        self._decoder: zlib._Decompress | None = None

    def feed(self, data: bytes) -> bytes:
        """Take in ``data``; answers what it held of the body, decoded."""
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            self.is_reusable = False
            if not self.is_complete:
                raise ServerFailure("The reply is not proper HTTP.") from error
        if not self.is_headed:
            self._head_bytes += len(data)
            if self._head_bytes > MAX_HEAD_BYTES:
                raise ServerFailure("The reply's head is too long.")
        return self._body()

    def end(self) -> bytes:
        """The connection has ended: so has a body without a length; else it is cut."""
        is_measured = {"content-length", "transfer-encoding"} & self.headers.keys()
        if not self.is_headed:
            raise ServerFailure("The connection was closed without a reply.")
        if is_measured:
            raise ServerFailure("The connection was closed in the middle of a reply.")
        self.is_complete = True
        return self._decoder.flush() if self._decoder else b""

    def _body(self) -> bytes:
        if not self._pieces:
            return b""
        body = b"".join(self._pieces)
        self._pieces.clear()
        if self._decoder is None:
            return body
        try:
            return self._decoder.decompress(body)
        except zlib.error as error:
            raise ServerFailure("The reply's compression is broken.") from error

    # ------------------------------------------------------ called by the parser

    def on_message_begin(self) -> None:
        # A second message would be an answer to nothing we asked.
        self.is_reusable = False

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        if self.is_complete:
            return
        self.status = self._parser.get_status_code()
        if self.status < 200:
            self.headers.clear()
            return
        self.is_headed = True
        if self.headers.get("content-encoding", "").lower() in ("gzip", "deflate"):
            self._decoder = zlib.decompressobj(ANY_WRAPPER)

    def on_body(self, piece: bytes) -> None:
        if not self.is_complete:
            self._pieces.append(piece)

    def on_message_complete(self) -> None:
        if self.is_headed and not self.is_complete:
            self.is_complete = True
            self.is_reusable = self._parser.should_keep_alive()
