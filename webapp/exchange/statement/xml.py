"""XML as a stream of elements with their lines, without anything that XML can do to a reader.

Python's own expat, which reads a chunk at a time and counts lines. A document type is refused as soon as it begins:
without one there are no entities, nothing to expand and nothing to fetch.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from webapp.domain.words import N_
from webapp.exchange.statement.cells import Place
from webapp.exchange.statement.form import Source

DEEPEST = 40
LONGEST = 100_000
"""Letters in one element."""
MOST_ELEMENTS = 20_000
"""Elements of one entry; a collective entry of a large bank has a few thousand."""

CUT_OFF = frozenset(
    expat.errors.codes[error] for error in (expat.errors.XML_ERROR_NO_ELEMENTS, expat.errors.XML_ERROR_UNCLOSED_TOKEN)
)
"""What expat says of a file that ends too early."""


@dataclass(slots=True)
class Node:
    """One element: its name without its namespace, its text, its children."""

    name: str
    line: int
    attributes: dict[str, str]
    text: str = ""
    children: list["Node"] = field(default_factory=list)

    def at(self, path: str) -> "Node | None":
        """The first element at a path such as ``Acct/Id/IBAN``."""
        node: Node | None = self
        for name in path.split("/"):
            node = next((child for child in node.children if child.name == name), None) if node else None
        return node

    def all(self, path: str) -> list["Node"]:
        nodes = [self]
        for name in path.split("/"):
            nodes = [child for node in nodes for child in node.children if child.name == name]
        return nodes

    def said(self, *paths: str) -> str:
        """The text of the first of these elements that says something."""
        for path in paths:
            node = self.at(path)
            if node is not None and node.text.strip():
                return node.text.strip()
        return ""


class Elements:
    """Yields whole elements of the wanted names, and forgets each one: memory does not grow with the file."""

    def __init__(self, source: Source, wanted: frozenset[tuple[str, str]]) -> None:
        """``wanted`` are the names of an element's parent and of itself."""
        self.source, self.wanted = source, wanted
        self.stack: list[Node] = []
        self.done: list[Node] = []
        self.namespace = ""
        self.count = 0
        self.expat = expat.ParserCreate(namespace_separator=" ")
        self.expat.buffer_text = True
        self.expat.StartElementHandler = self._start
        self.expat.EndElementHandler = self._end
        self.expat.CharacterDataHandler = self._text
        self.expat.StartDoctypeDeclHandler = self._doctype

    def __iter__(self) -> Iterator[Node]:
        try:
            for chunk in self.source.chunks():
                self.expat.Parse(chunk, False)
                yield from self._take()
            self.expat.Parse(b"", True)
        except expat.ExpatError as error:
            sentence = (
                N_("%(file)s breaks off at line %(line)s: load it from the bank again")
                if error.code in CUT_OFF
                else N_("%(file)s, line %(line)s: this is not well-formed XML")
            )
            raise Place(self.source.name, error.lineno).refused(sentence) from error
        except (LookupError, ValueError) as error:
            raise self._place().refused(N_("%(file)s, line %(line)s: an encoding that we do not know")) from error
        yield from self._take()

    def _take(self) -> Iterator[Node]:
        done, self.done = self.done, []
        return iter(done)

    def _place(self) -> Place:
        return Place(self.source.name, self.expat.CurrentLineNumber)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        namespace, _, local = name.rpartition(" ")
        if not self.stack:
            self.namespace = namespace
        if len(self.stack) >= DEEPEST:
            raise self._place().refused(N_("%(file)s, line %(line)s: elements stand too deep in each other"))
        self.count += 1
        if self.count > MOST_ELEMENTS:
            raise self._place().refused(N_("%(file)s, line %(line)s: one entry holds too much"))
        node = Node(local, self.expat.CurrentLineNumber, attributes)
        if self.stack:
            self.stack[-1].children.append(node)
        self.stack.append(node)

    def _end(self, name: str) -> None:
        node = self.stack.pop()
        if self.stack and (self.stack[-1].name, node.name) in self.wanted:
            self.done.append(node)
            self.stack[-1].children.pop()
            self.count = 0

    def _text(self, text: str) -> None:
        if self.stack:
            node = self.stack[-1]
            node.text += text
            if len(node.text) > LONGEST:
                raise self._place().refused(N_("%(file)s, line %(line)s: one entry holds too much"))

    def _doctype(self, *_: object) -> None:
        raise self._place().refused(
            N_("%(file)s, line %(line)s: a document type has no place in a statement, so the file is not read")
        )
