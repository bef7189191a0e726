"""What a browser that has never been here loads: the page, and every file it names."""

import re

from tests.benchmarks.servers import Browser


def cold_load(browser: Browser, path: str) -> dict[str, object]:
    """Compressed bytes and requests of a first visit, by file. A request to another host is an error."""
    encoding = {"Accept_Encoding": "br, gzip"}
    page = browser.ask(path, **encoding)
    plain = browser.ask(path).decode()
    sizes = {path: len(page)}
    for name in sorted(set(re.findall(r'(?:href|src)="([^"#]+)', plain))):
        if name.startswith(("http:", "https:", "//")):
            raise AssertionError(f"{path} asks another host: {name}")
        if name.startswith("/static/"):
            sizes[name] = len(browser.ask(name, **encoding))
    return {"bytes": sum(sizes.values()), "requests": len(sizes), "files": sizes}
