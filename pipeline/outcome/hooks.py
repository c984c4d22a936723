"""Calls the hooks of a config with the outcome of a run. A hook that fails never changes the run's result."""

import http.client
import json
import os
import re
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator

from pipeline.outcome.config import Hook
from pipeline.outcome.document import Document

ATTEMPTS = 3
"""How often a URL is tried if it cannot be reached, or answers that the fault is its own (500 and above)."""

_SECONDS_BETWEEN_ATTEMPTS = 1.0
_VARIABLE = re.compile(r"\$\{(\w+)\}")


class _StayHere(urllib.request.HTTPRedirectHandler):
    """Follows no redirect: it would turn the POST into a GET without the JSON, and take the headers to another host."""

    def redirect_request(self, *_: object, **__: object) -> None:
        return None


_OPENER = urllib.request.build_opener(_StayHere)


def call_hooks(hooks: Iterable[Hook], document: Document) -> Iterator[str]:
    """Calls each hook that wants this outcome, one after another.

    Yields:
        A sentence for each hook that failed.
    """
    for place, hook in enumerate(hooks):
        if document["outcome"] not in hook.outcomes:
            continue
        try:
            if hook.url:
                _post(hook, hook.url, json.dumps(document).encode())
            else:
                _run(hook, document)
        except _HookError as error:
            yield f"hooks[{place}]: {error}"


class _HookError(Exception):
    """A hook failed; the message says why."""


def _run(hook: Hook, document: Document) -> None:
    program = hook.command[0]
    try:
        done = subprocess.run(
            hook.command,
            input=json.dumps(document).encode(),
            env=os.environ | {"COLDCAST_OUTCOME": str(document["outcome"]), "COLDCAST_RUN": str(document["run"] or "")},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=hook.timeout_seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise _HookError(f"{program} was stopped after {hook.timeout_seconds:g} s (timeout_seconds)") from None
    except OSError as error:
        raise _HookError(f"{program} cannot be started: {error.strerror}") from None
    if output := done.stdout.decode(errors="replace").strip():
        print(output)  # into the log of the libraries
    if done.returncode:
        last = output.splitlines()[-1] if output else "it printed nothing"
        raise _HookError(f"{program} ended with exit code {done.returncode}: {last}")


def _post(hook: Hook, url: str, body: bytes) -> None:
    headers = {"Content-Type": "application/json", **{name: _filled_in(text) for name, text in hook.headers.items()}}
    request = urllib.request.Request(url, data=body, headers=headers, method="POST")  # noqa: S310 (the config allows http and https)
    problem = ""
    for attempt in range(ATTEMPTS):
        if attempt:
            time.sleep(_SECONDS_BETWEEN_ATTEMPTS * attempt)
        try:
            with _OPENER.open(request, timeout=hook.timeout_seconds):
                return
        except urllib.error.HTTPError as error:
            problem = f"{url} answered {error.code} {error.reason}"
            if error.code < 500:
                break
        except http.client.HTTPException as error:
            problem = f"{url} answered something that is not HTTP: {error!r}"
        except (OSError, ValueError) as error:
            problem = f"{url} cannot be reached: {getattr(error, 'reason', error)}"
    raise _HookError(problem)


def _filled_in(text: str) -> str:
    """`text` with the values of the environment variables that it names."""

    def value(match: re.Match[str]) -> str:
        name = match[1]
        if name not in os.environ:
            raise _HookError(f"the environment variable {name}, which `headers` names, is not set")
        if "\n" in os.environ[name] or "\r" in os.environ[name]:  # the library's own message would show the value
            raise _HookError(f"the environment variable {name}, which `headers` names, contains a line break")
        return os.environ[name]

    return _VARIABLE.sub(value, text)
