"""Runs a command and prints, as JSON, its status, wall time, and CPU time with that of all processes it waited for, in seconds."""
import json
import resource
import subprocess
import sys
import time

begun = time.perf_counter()
done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
wall = time.perf_counter() - begun
used = resource.getrusage(resource.RUSAGE_CHILDREN)
error = done.stderr.decode(errors="replace")[-2000:] if done.returncode else ""
print(json.dumps({"status": done.returncode, "wall": wall, "cpu": used.ru_utime + used.ru_stime, "error": error}))
