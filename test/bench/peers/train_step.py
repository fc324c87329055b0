"""Measures PyTorch's SemMIM step. Reads lines from stdin, so that a driver can take turns between peers.

Prints `ready`; for each line `step`, one step and {"seconds", "loss"}; at `quit` (or the end), {"peakRss", ...} in bytes.
"""

import argparse
import json
import resource
import sys
import time

import torch

from semmim.compiled import compile_regions
from semmim.random_data import random_batch, random_state
from semmim.sizes import SIZES
from semmim.step import Settings, on_device, step


def peak_rss():
    """The process's peak memory in bytes as the two sources tell it."""
    with open("/proc/self/status") as status:
        high_water = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
    return {"peakRss": high_water * 1024, "ruMaxRss": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}


def say(value):
    """One JSON line, at once."""
    print(json.dumps(value) if not isinstance(value, str) else value, flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", choices=SIZES, default="small")
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--steps", type=int, default=0, help="run so many at once and quit, without reading stdin")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--autocast", action="store_true", help="matrix products and the like in bfloat16")
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    parser.add_argument("--compile", action="store_true", help="layers and losses through torch.compile")
    parser.add_argument("--profile", action="store_true", help="after the steps, one more under torch.profiler")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    size, settings = SIZES[arguments.size], Settings()
    generator = torch.Generator().manual_seed(arguments.seed)
    state = on_device(random_state(size, generator), arguments.device)
    if arguments.compile:
        compile_regions()
    # A few batches in turn: a step must not profit from having seen its input.
    batches = [random_batch(size, arguments.batch, generator) for _ in range(4)]
    if arguments.device == "cuda":
        batches = [{name: value.pin_memory() for name, value in batch.items()} for batch in batches]
        # float32 products as XLA has them on such a GPU
        torch.backends.cuda.matmul.allow_tf32 = True
    taken = 0

    def run():
        nonlocal taken
        start = time.perf_counter()
        # The batch comes from the host's memory in each step, as in training.
        batch = {name: value.to(arguments.device, non_blocking=True) for name, value in batches[taken % len(batches)].items()}
        numbers = step(state, size, batch, settings, autocast=arguments.autocast)
        seconds = time.perf_counter() - start
        taken += 1
        say({"seconds": seconds, "loss": numbers["loss"]})

    say(
        {
            "size": arguments.size,
            "batch": arguments.batch,
            "threads": arguments.threads,
            "parameters": sum(p.numel() for p in state.student.values()),
            "teacherParameters": sum(p.numel() for p in state.teacher.values()),
            "torch": torch.__version__,
        }
    )
    say("ready")
    if arguments.steps > 0:
        for _ in range(arguments.steps):
            run()
    else:
        for line in sys.stdin:
            if line.strip() == "step":
                run()
            elif line.strip() == "quit":
                break
    if arguments.profile:
        with torch.profiler.profile(record_shapes=False) as profile:
            run()
        print(profile.key_averages().table(sort_by="self_cpu_time_total", row_limit=45, max_name_column_width=60))
    say(peak_rss())


main()
