"""Compiles a program of XLA's (an HloProto file) for an NVIDIA H200, on a machine without a GPU, and counts what was made.

Says in one line of JSON: kernels, how many of them are products of matrices, the bytes that kernels read and write (each
operand and result once; a gather's whole table), the operations of products, and the temporary memory.
"""

import argparse
import json
import os
import re
import tempfile
import time
from pathlib import Path

# What XLA asks of a device, in its own form; figures of the H200 (SXM).
H200 = """
gpu_device_info {
  threads_per_block_limit: 1024 threads_per_warp: 32 threads_per_core_limit: 2048
  shared_memory_per_block: 49152 shared_memory_per_block_optin: 232448 shared_memory_per_core: 233472
  core_count: 132 fpus_per_core: 128 clock_rate_ghz: 1.98
  block_dim_limit_x: 2147483647 block_dim_limit_y: 65535 block_dim_limit_z: 65535
  memory_bandwidth: 4800000000000 device_memory_size: 150000000000 l2_cache_size: 52428800
  registers_per_core_limit: 65536 registers_per_block_limit: 65536
  cuda_compute_capability { major: 9 }
}
platform_name: "CUDA"
dnn_version_info { major: 9 minor: 10 }
device_description_str: "NVIDIA H200"
"""
BYTES = {"pred": 1, "u8": 1, "s8": 1, "bf16": 2, "f16": 2, "f32": 4, "s32": 4, "u32": 4, "s64": 8, "u64": 8}
NO_KERNEL = {"parameter", "get-tuple-element", "tuple", "bitcast", "constant", "after-all", "iota"}
SHAPE = re.compile(r"\b(" + "|".join(BYTES) + r")\[([\d,]*)\]")
INSTRUCTION = re.compile(r"\s+(?:ROOT )?(%[\w.\-]+) = (\(.*?\)|\S+) ([\w\-]+)\((.*)")


def module_of(proto: bytes) -> bytes:
    """The HloModuleProto in an HloProto: its first field."""
    if proto[0] != 0x0A:
        raise SystemExit("not an HloProto")
    length, shift, at = 0, 0, 1
    while True:
        byte = proto[at]
        length |= (byte & 127) << shift
        shift, at = shift + 7, at + 1
        if byte < 128:
            return proto[at : at + length]


def without_copies(text: str) -> str:
    """The program (MLIR) with its copies left out, which StableHLO does not have."""
    same, lines = {}, []
    for line in text.split("\n"):
        found = re.match(r'\s*(%\S+) = "?mhlo.copy"?\(?\s*(%[\w#]+)', line)
        if found:
            same[found[1]] = same.get(found[2], found[2])
        else:
            lines.append(line)
    return re.sub(r"%\w+", lambda name: same.get(name[0], name[0]), "\n".join(lines))


def compile_for_gpu(file: Path, into: str) -> None:
    """Leaves XLA's own dump of the compiled program in a folder."""
    os.environ["JAX_SKIP_CUDA_CONSTRAINTS_CHECK"] = "1"
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    # Products are cuBLAS's, as the engine has it; nothing is tried out, since there is no GPU.
    os.environ["XLA_FLAGS"] = (
        f"--xla_gpu_enable_triton_gemm=false --xla_gpu_autotune_level=0 --xla_dump_to={into} --xla_dump_hlo_as_text"
    )
    import jax
    import numpy
    from jax._src import compiler
    from jax._src.interpreters import mlir
    from jax._src.lib import xla_client
    from jax.experimental import topologies
    from jaxlib.mlir import ir

    module = xla_client._xla.HloModule.from_serialized_hlo_module_proto(module_of(file.read_bytes()))
    computation = xla_client.XlaComputation(module.as_serialized_hlo_module_proto())
    text = without_copies(xla_client._xla.mlir.xla_computation_to_mlir_module(computation))
    compile_and_load = compiler.backend_compile_and_load

    def ours(backend, _, *rest, **options):
        with mlir.make_ir_context():
            return compile_and_load(backend, ir.Module.parse(text), *rest, **options)

    compiler.backend_compile_and_load = ours
    topology = topologies.get_topology_desc(platform="cuda", topology_name="1x1x1", topology="1x1x1", target_config=H200)
    mesh = jax.sharding.Mesh(numpy.array(topology.devices), ("device",))
    place = jax.sharding.NamedSharding(mesh, jax.sharding.PartitionSpec())
    any_program = jax.jit(lambda x: x, in_shardings=place, out_shardings=place).lower(jax.ShapeDtypeStruct((1,), "float32"))
    try:
        any_program.compile()
    except AssertionError:
        pass  # ours was compiled in its place, and has other arguments: JAX cannot call it, and need not


def numbers(shape: str) -> int:
    count = 1
    for size in re.findall(r"\d+", shape):
        count *= int(size)
    return count


def size_of(types: str) -> int:
    return sum(BYTES[dtype] * numbers(shape) for dtype, shape in SHAPE.findall(types))


def count(folder: str) -> dict:
    (compiled,) = Path(folder).glob("*gpu_after_optimizations.txt")
    entry = compiled.read_text().split("\nENTRY ", 1)[1].split("\n}", 1)[0]
    instructions = [found.groups() for found in map(INSTRUCTION.match, entry.split("\n")) if found]
    types = {name: made for name, made, _, _ in instructions}
    kernels = [instruction for instruction in instructions if instruction[2] not in NO_KERNEL]
    moved = products = product_bytes = operations = 0
    for _, made, _, rest in kernels:
        operands = re.findall(r"%[\w.\-]+", rest.split("), ")[0])
        is_product = 'custom_call_target="__cublas$' in rest
        result = re.sub(r", s8\[\d+\]\{0\}\)$", ")", made) if is_product else made  # without its workspace
        by = size_of(result) + sum(size_of(types.get(operand, "")) for operand in operands)
        moved += by
        if is_product:
            summed = re.findall(r"\d+", re.search(r'"lhs_contracting_dimensions":\[([^\]]*)\]', rest)[1])
            left = SHAPE.search(types[operands[0]])[2].split(",")
            depth = numbers(",".join(left[int(axis)] for axis in summed))
            products += 1
            product_bytes += by
            operations += 2 * depth * numbers(SHAPE.search(result)[2])
    (report,) = Path(folder).glob("*memory-usage-report.txt")
    temporary = re.search(r"allocation \d+: size ([\d.]+)(\w+), preallocated-temp", report.read_text())
    return {
        "kernels": len(kernels),
        "products": products,
        "gigabytes": moved / 1e9,
        "productGigabytes": product_bytes / 1e9,
        "teraflops": operations / 1e12,
        "temporary": f"{temporary[1]} {temporary[2]}",
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        started = time.time()
        compile_for_gpu(given.file, folder)
        print(json.dumps({"compileSeconds": time.time() - started, **count(folder)}))
