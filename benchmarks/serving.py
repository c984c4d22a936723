"""Latency, throughput, and the server's CPU of the embedded server, for requests of one user.

    python -m benchmarks.serving work/tiny/models/coldcast

The server and its clients are processes of their own. Clients send requests that are ready before, so that the time is
the server's. On a busy machine CPU per request says more than the latency. The last line compares our client, which
makes its request from Python values, with the stock stub, whose request is ready before.
"""

import argparse
import os
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from statistics import median, quantiles

import grpc
import numpy as np

from benchmarks.client_and_stub import compare

PREDICT = "/tensorflow.serving.PredictionService/Predict"


def main() -> None:
    """Prints a line for each number of candidates and of clients."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("models", help="folder of pushed versions")
    parser.add_argument("--candidates", type=int, action="append")
    parser.add_argument("--clients", type=int, action="append")
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument(
        "--stub-candidates", type=int, default=200, help="candidates of a request to compare client and stub"
    )
    parser.add_argument("--stub-calls", type=int, default=300, help="calls of the client, and of the stub")
    parser.add_argument("--rounds", type=int, default=3, help="each line is the median of so many measurements")
    arguments = parser.parse_args()
    os.environ |= {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1", "GRPC_VERBOSITY": "NONE"}
    command = [
        sys.executable,
        "-W",
        "ignore",
        "-c",
        f"from benchmarks.serving import serve; serve({arguments.models!r})",
    ]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    port = int(server.stdout.readline())
    print(f"{'candidates':>10} {'clients':>8} {'median ms':>10} {'p99 ms':>8} {'requests/s':>11} {'CPU ms':>8}")
    try:
        for candidates in arguments.candidates or [1, 100]:
            request = request_for(port, candidates)
            for clients in arguments.clients or [1, 8]:
                rounds = [
                    _measure(server.pid, port, request, clients, arguments.seconds) for _ in range(arguments.rounds)
                ]
                middle = [median(values) for values in zip(*rounds, strict=True)]
                print("{:10} {:8} {:10.2f} {:8.2f} {:11.0f} {:8.2f}".format(candidates, clients, *middle), flush=True)
        ours, stub = compare(port, arguments.stub_candidates, arguments.stub_calls)
        print(
            f"1 user x {arguments.stub_candidates} candidates: client {1e3 * ours:.2f} ms, stock stub with a prepared "
            f"request {1e3 * stub:.2f} ms, ratio {ours / stub:.2f}"
        )
    finally:
        server.terminate()
        server.wait()


def serve(models: str) -> None:
    """The server's process: prints its port."""
    from serving.config import ServingConfig
    from serving.server import Server
    from serving.server import serve as serve_until_stopped

    def started(server: Server) -> None:
        print(server.port, flush=True)

    serve_until_stopped(ServingConfig(port=0), models, started)
    os._exit(0)  # TensorFlow's own tear-down prints tracebacks


def request_for(port: int, candidates: int) -> bytes:
    """A serialized `score_candidates` request, every feature filled, as our client sends it."""
    from serving.client import Client
    from serving.config import ServingConfig
    from serving.wire.messages import message
    from serving.wire.tensors import encode
    from transforms.features import FEATURES

    with Client(ServingConfig(port=port)) as client:
        inputs = client.metadata().signatures["score_candidates"].inputs
    rows = {feature.name: 1 if feature.per == "request" else candidates for feature in FEATURES}
    lengths = {feature.name: feature.length for feature in FEATURES}
    request = message("PredictRequest")()
    request.model_spec.name = "coldcast"
    request.model_spec.signature_name = "score_candidates"
    random = np.random.default_rng(0)
    for name, info in inputs.items():
        assert info.shape is not None
        shape = (rows[name], *([lengths[name]] if len(info.shape) > 1 else []))
        numbers = random.random(shape, np.float32)
        array = (
            numbers if info.dtype == "float" else np.char.mod("id%05.0f", numbers * 1e5).astype(bytes).astype(object)
        )
        encode(array, request.inputs[name])
    return request.SerializeToString()


def _measure(server: int, port: int, request: bytes, clients: int, seconds: float) -> tuple[float, float, float, float]:
    """Median and 99th percentile of the latency in ms, requests a second, and the server's CPU ms a request."""
    with ProcessPoolExecutor(clients, mp_context=get_context("spawn")) as pool:
        list(pool.map(ask, [port] * clients, [request] * clients, [0.3] * clients))  # starts and warms them
        cpu = _cpu_seconds(server)
        latencies = list(pool.map(ask, [port] * clients, [request] * clients, [seconds] * clients))
        cpu = _cpu_seconds(server) - cpu
    together = [latency for each in latencies for latency in each]
    return (
        1e3 * median(together), 1e3 * quantiles(together, n=100)[98], len(together) / seconds, 1e3 * cpu / len(together)
    )  # fmt: skip


def ask(port: int, request: bytes, seconds: float) -> list[float]:
    """A client's process: seconds of each request, one after the other."""
    latencies = []
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        predict = channel.unary_unary(PREDICT)
        end = time.perf_counter() + seconds
        while (started := time.perf_counter()) < end:
            predict(request, timeout=30, wait_for_ready=True)
            latencies.append(time.perf_counter() - started)
    return latencies


def _cpu_seconds(process: int) -> float:
    user, system = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
