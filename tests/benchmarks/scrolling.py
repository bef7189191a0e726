"""How smoothly the matrix scrolls in a real browser: what each frame costs its main thread. Painting is left out, which
a machine without a graphics card does there too."""

from tests.benchmarks import world
from tests.support.browser import chromium

FRAMES, STEP = 300, 100
"""So many frames of so many pixels each: a row is 44 high."""
WORK = ("ScriptDuration", "RecalcStyleDuration", "LayoutDuration")

SCROLL = """async ([frames, step]) => {
  const box = document.getElementById("matrix");
  let empty = 0;
  let long = 0;
  const seen = new PerformanceObserver((list) => { long += list.getEntries().length; });
  seen.observe({ entryTypes: ["longtask"] });
  for (let frame = 0; frame < frames; frame += 1) {
    box.scrollTop += step;
    await new Promise(requestAnimationFrame);
    const { top, height } = box.getBoundingClientRect();
    if (document.elementFromPoint(600, top + height / 2)?.closest(".ws-waiting, .ws-space")) empty += 1;
  }
  seen.disconnect();
  return { empty, long };
}"""


def scroll(port: int) -> dict[str, float]:
    """Milliseconds of script, style and layout a frame; how many frames showed no row in the middle of the window, and
    tasks of more than 50 ms."""
    with chromium() as browser:
        page = browser.new_page(base_url=f"http://127.0.0.1:{port}", viewport={"width": 1280, "height": 800})
        page.goto("/login")
        page.fill("[name=email]", world.EMAIL)
        page.fill("[name=password]", world.PASSWORD)
        page.click("main button[type=submit]")
        page.goto("/whitespace")
        page.wait_for_selector("#matrix[data-runs]")
        debugger = page.context.new_cdp_session(page)
        debugger.send("Performance.enable")

        def spent() -> float:
            told = {each["name"]: each["value"] for each in debugger.send("Performance.getMetrics")["metrics"]}
            return sum(told[name] for name in WORK)

        before = spent()
        seen = page.evaluate(SCROLL, [FRAMES, STEP])
        return {"frame_ms": (spent() - before) * 1000 / FRAMES, **seen}


def told(figures: dict[str, float]) -> str:
    return (
        f"Scrolling the matrix: {figures['frame_ms']:.1f} ms of script, style and layout a frame, budget 16 ms; of "
        f"{FRAMES} frames {figures['empty']:.0f} showed no row yet, {figures['long']:.0f} tasks took over 50 ms"
    )
