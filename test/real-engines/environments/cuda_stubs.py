"""Lets PyPI's CUDA build of torch load on a machine without CUDA libraries.

The linker wants every library and every versioned symbol that torch names, although a CPU run calls none of them.
This writes one small shared object per missing library into torch/lib; each of its functions returns an error code.
It saves 3.4 GB of CUDA wheels an environment. Needs gcc, objdump and nm.

usage: cuda_stubs.py <site-packages>
"""

import pathlib
import re
import subprocess
import sys
import tempfile
from collections import defaultdict

CUDA_LIBRARY = re.compile(r"^lib(cu|nv|nccl|cufile|cupti)")
CUDA_SYMBOL = re.compile(r"^_?_?(cu|nv|nccl|Nv)")
RETURNS_TEXT = re.compile(r"(GetErrorString|GetErrorName|GetStatusString|GetLastError)$")
CUDA_ERROR_NO_DEVICE = 100


def output(*command: str) -> list[str]:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()


def missing_libraries(libraries: list[pathlib.Path]) -> tuple[set[str], dict[str, str]]:
    """The CUDA libraries torch needs and does not bring, and which of them owns each symbol version."""
    present = {library.name for library in libraries}
    needed: set[str] = set()
    owner_of_version: dict[str, str] = {}
    for library in libraries:
        required_from = None
        for line in output("objdump", "-p", str(library)):
            if match := re.match(r"\s+NEEDED\s+(\S+)", line):
                if CUDA_LIBRARY.match(match[1]) and match[1] not in present:
                    needed.add(match[1])
            elif match := re.match(r"\s+required from (\S+):", line):
                required_from = match[1]
            elif required_from and (match := re.match(r"\s+0x\w+ 0x\w+ \d+ (\S+)", line)):
                owner_of_version[match[1]] = required_from
            elif not line.strip():
                required_from = None
    return needed, owner_of_version


def undefined_symbols(libraries: list[pathlib.Path]) -> set[str]:
    lines = [line for library in libraries for line in output("nm", "-D", "--undefined-only", str(library))]
    return {symbol for symbol in (line.split()[-1] for line in lines if line.strip()) if CUDA_SYMBOL.match(symbol)}


def write_stub(directory: pathlib.Path, name: str, versions: dict[str, set[str]]) -> None:
    functions = sorted({function for functions in versions.values() for function in functions})
    source = "".join(
        f'const char *{function}(void) {{ return "no CUDA here"; }}\n' if RETURNS_TEXT.search(function)
        else f"int {function}(void) {{ return {CUDA_ERROR_NO_DEVICE}; }}\n"
        for function in functions
    ) or "int no_cuda_here(void) { return 0; }\n"
    version_script = "".join(
        f"{version} {{ {'global: ' + ' '.join(f'{f};' for f in sorted(functions)) if functions else ''} }};\n"
        for version, functions in versions.items() if version
    )
    with tempfile.TemporaryDirectory() as work:
        (pathlib.Path(work) / "stub.c").write_text(source)
        (pathlib.Path(work) / "stub.map").write_text(version_script)
        subprocess.run(
            ["gcc", "-shared", "-fPIC", "-w", "-O0", "-fno-builtin", f"-Wl,-soname,{name}", "-o", str(directory / name),
             f"{work}/stub.c", *([f"-Wl,--version-script={work}/stub.map"] if version_script else [])],
            check=True,
        )


def main(site_packages: str) -> None:
    directory = pathlib.Path(site_packages) / "torch" / "lib"
    libraries = sorted(directory.glob("*.so*"))
    needed, owner_of_version = missing_libraries(libraries)
    stubs: dict[str, dict[str, set[str]]] = {name: defaultdict(set) for name in needed}
    for version, owner in owner_of_version.items():
        if owner in stubs:
            stubs[owner][version]
    runtime = next((name for name in needed if name.startswith("libcudart.so")), None)  # home of symbols without a version
    for symbol in undefined_symbols(libraries):
        function, _, version = symbol.partition("@")
        version = version.lstrip("@")
        owner = owner_of_version.get(version) if version else runtime
        if owner in stubs:
            stubs[owner][version].add(function)
    for name, versions in sorted(stubs.items()):
        write_stub(directory, name, versions)
    print(f"{len(stubs)} CUDA libraries stubbed in {directory}")


if __name__ == "__main__":
    main(*sys.argv[1:])
