"""Makes stand-ins for the CUDA libraries that libtorch names but never calls on a CPU.

torch's wheel on PyPI is linked to CUDA; without those libraries (2 GB) it does not load. Each stand-in is a shared library
with the right name, in which every function that torch wants stops the process. Needs cc and nm. Usage: cpu-stubs.py VENV
"""

import collections
import glob
import os
import re
import subprocess
import sys
import tempfile

# Where unversioned names live; versioned ones carry their library's name.
PREFIXES = {"nccl": "libnccl.so.2", "cusparseLt": "libcusparseLt.so.0"}
VERSIONS = {"NVSHMEM": "libnvshmem_host.so.3"}
STANDINS = {
    "libcublas.so.13",
    "libcublasLt.so.13",
    "libcudnn.so.9",
    "libcufft.so.12",
    "libcusparse.so.12",
    "libcusparseLt.so.0",
    "libnccl.so.2",
    "libnvrtc.so.13",
    "libnvshmem_host.so.3",
}


def wanted(folder):
    """The undefined names of every library in a folder: {soname: {version or None: {function}}}."""
    found = collections.defaultdict(lambda: collections.defaultdict(set))
    for library in glob.glob(os.path.join(folder, "*.so")):
        text = subprocess.run(["nm", "-D", "--undefined-only", library], capture_output=True, text=True, check=True).stdout
        for name in re.findall(r"\b[Uw] (\S+)", text):
            name, _, version = name.partition("@")
            version = version.lstrip("@") or None
            prefix = next((p for p in PREFIXES if name.startswith(p)), None)
            soname = PREFIXES[prefix] if prefix and version is None else VERSIONS.get(version, version)
            if soname in STANDINS:
                found[soname][version].add(name)
    return found


def build(soname, functions, target):
    """Compiles one stand-in with its version nodes."""
    with tempfile.TemporaryDirectory() as folder:
        source, script = os.path.join(folder, "stub.c"), os.path.join(folder, "stub.map")
        with open(source, "w") as out:
            out.write("void abort(void);\n")
            for names in functions.values():
                out.writelines(f"void {name}(void) {{ abort(); }}\n" for name in sorted(names))
        arguments = ["cc", "-w", "-fno-builtin", "-shared", "-fPIC", "-o", os.path.join(target, soname), f"-Wl,-soname,{soname}"]
        versions = [version for version in functions if version]
        if versions:
            with open(script, "w") as out:
                for version in versions:
                    out.write(f"{version} {{ global: {' '.join(f'{n};' for n in sorted(functions[version]))} }};\n")
            arguments.append(f"-Wl,--version-script={script}")
        subprocess.run([*arguments, source], check=True)


def main():
    packages = glob.glob(os.path.join(sys.argv[1], "lib", "python3*", "site-packages"))[0]
    target = os.path.join(packages, "nvidia", "cu13", "lib")
    for soname, functions in wanted(os.path.join(packages, "torch", "lib")).items():
        # A real library (they are megabytes), if someone installed it, is better.
        if not any(os.path.getsize(f) > 1_000_000 for f in glob.glob(os.path.join(packages, "nvidia", "*", "lib", soname))):
            build(soname, functions, target)


main()
