"""The locked fetcher: a document gets the fonts that Baton ships and the pictures that the printer hands it, by name,
and nothing else from anywhere."""

from collections.abc import Mapping

from weasyprint.urls import URLFetcher, URLFetcherResponse

from webapp.pdf.faces import FACES, font


class Forbidden(ValueError):
    """A document asked for something that is not shipped. WeasyPrint goes on without it."""


class ShippedOnly(URLFetcher):
    """Answers for the addresses in FACES, and for those of the pictures it was given. Opens no socket, follows no
    redirect, reads no other file."""

    def __init__(self, pictures: Mapping[str, tuple[bytes, str]] | None = None) -> None:
        super().__init__(allowed_protocols=(), allow_redirects=False)
        self.pictures = dict(pictures or {})
        self.refused: list[str] = []

    def fetch(self, url: str, headers: object = None) -> URLFetcherResponse:
        if url in self.pictures:
            content, media_type = self.pictures[url]
            return URLFetcherResponse(url, content, {"Content-Type": media_type})
        if url not in FACES:
            self.refused = [*self.refused[-99:], url[:200]]
            raise Forbidden("only shipped fonts and pictures that were handed over are used")
        return URLFetcherResponse(url, font(url).read_bytes(), {"Content-Type": "font/ttf"})
