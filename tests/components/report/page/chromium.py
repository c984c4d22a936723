"""A page in Debian's Chromium, without a window and without a network."""

import json
import re
import shutil
import subprocess
from html import unescape
from pathlib import Path
from typing import Any

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

_AROUND = """
<script>
const problems = [];
addEventListener("error", event => problems.push(String(event.message)));
addEventListener("unhandledrejection", event => problems.push(String(event.reason)));
const logged = console.error; console.error = (...what) => {{ problems.push(what.join(" ")); logged(...what); }};
</script>
{page}
<script>
(async () => {{
  const drawn = times => new Promise(done => {{
    const look = () => Number(document.body.dataset.drawn || 0) >= times ? done() : setTimeout(look, 20);
    look();
  }});
  let result;
  try {{
    await drawn(1);
    result = await (async () => {{ {script} }})();
  }} catch (error) {{ problems.push(String(error)); }}
  const names = performance.getEntriesByType("resource").map(entry => entry.name);
  const requests = names.filter(name => !name.startsWith("data:"));
  const place = document.createElement("pre");
  place.id = "result-of-test";
  place.textContent = JSON.stringify({{ result, problems, requests }});
  document.body.append(place);
}})();
</script>
"""


def in_chromium(page: str, script: str, folder: Path, *options: str) -> dict[str, Any]:
    """What `script` returns once the page is drawn, with the page's `problems` and `requests`.

    Args:
        page: the HTML.
        script: the body of an async function; it may wait for `drawn(n)`, the n-th drawing of the charts.
        folder: an empty folder for the page and for Chromium's own files.
        options: further options of Chromium, such as the size of the window.
    """
    file = folder / "page.html"
    file.write_text(_AROUND.format(page=page, script=script), encoding="utf-8")
    command = [
        *(str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder}/chromium"),
        *("--virtual-time-budget=20000", "--dump-dom", *options, file.as_uri()),
    ]
    dumped = subprocess.run(command, capture_output=True, text=True, timeout=300, check=True).stdout
    found = re.search(r'<pre id="result-of-test">(.*?)</pre>', dumped, re.DOTALL)
    assert found, "the page's script did not end"
    return json.loads(unescape(found[1]))
