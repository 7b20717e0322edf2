#!/usr/bin/env python3
"""Compares the catalogue of instance types with moto's copy of EC2's answers, and lists what differs by field.

    npm run build && pip install moto==5.2.5 && python scripts/check_catalogue_moto.py

moto carries DescribeInstanceTypes and DescribeInstanceTypeOfferings as files: nothing is started and nothing is asked
of AWS. Exit code 1 when a difference is not in EXPLAINED, or when an explanation explains nothing any more.
"""

import argparse
import gzip
import importlib.util
import json
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent

# (instance types by prefix, field) -> why the catalogue is right to differ
KARPENTER_BANDWIDTH = "Karpenter 1.15's zz_generated.bandwidth.go, which its label carries; EC2 adds up network cards"
UNDESCRIBED_NEURON = "this copy of EC2's answer has no NeuronInfo for it; 16 chips as in trn2.48xlarge (AWS Neuron documentation)"
EXPLAINED = {
    ("trn2.", "deviceMemoryMiB"): "EC2 answers 512 GiB for a chip of 96 GiB (AWS Neuron documentation, Trainium2)",
    ("trn2u.", "deviceMemoryMiB"): UNDESCRIBED_NEURON,
    ("trn2u.", "deviceName"): UNDESCRIBED_NEURON,
    ("trn2u.", "devices"): UNDESCRIBED_NEURON,
    ("trn2u.", "neuronCores"): UNDESCRIBED_NEURON,
    ("g6e.24xlarge", "networkMbps"): KARPENTER_BANDWIDTH,
    ("g6e.48xlarge", "networkMbps"): KARPENTER_BANDWIDTH,
    ("p6-b200.", "networkMbps"): KARPENTER_BANDWIDTH,
    ("p6-b300.", "networkMbps"): KARPENTER_BANDWIDTH,
    ("trn2.3xlarge", "networkMbps"): KARPENTER_BANDWIDTH,
}

ARCHITECTURES = {"x86_64": "amd64", "arm64": "arm64"}
MANUFACTURERS = {"Amazon Web Services": "aws", "AWS": "aws", "AMD": "amd", "Intel": "intel"}


def resources() -> pathlib.Path:
    """The folder of moto's EC2 data, found without importing moto."""
    spec = importlib.util.find_spec("moto")
    if spec is None or spec.origin is None:
        sys.exit("moto is not installed: pip install moto==5.2.5")
    return pathlib.Path(spec.origin).parent / "ec2" / "resources"


def read(path: pathlib.Path):
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return json.load(file)


def lower_kebab(name: str) -> str:
    return name.lower().replace(" ", "-")


def facts(info: dict) -> dict:
    """What EC2 says of an instance type, in the words of the catalogue."""
    gpus = info.get("GpuInfo", {}).get("Gpus", [])
    neuron = info.get("NeuronInfo", {}).get("NeuronDevices", [])
    device = (gpus or neuron or [None])[0]
    network = info["NetworkInfo"]
    card = network["NetworkCards"][network["DefaultNetworkCardIndex"]]
    cards = network["NetworkCards"]
    efa = network.get("EfaInfo", {}).get("MaximumEfaInterfaces", 0) if network.get("EfaSupported") else 0
    return {
        "architecture": ARCHITECTURES[info["ProcessorInfo"]["SupportedArchitectures"][0]],
        "cpuManufacturer": MANUFACTURERS[info["ProcessorInfo"]["Manufacturer"]],
        "deviceName": lower_kebab(device["Name"]) if device else None,
        "devices": device["Count"] if device else 0,
        "deviceMemoryMiB": device["MemoryInfo"]["SizeInMiB"] if device else 0,
        "vcpus": info["VCpuInfo"]["DefaultVCpus"],
        "memoryMiB": info["MemoryInfo"]["SizeInMiB"],
        "localNvmeGB": info.get("InstanceStorageInfo", {}).get("TotalSizeInGB", 0),
        "networkMbps": round(sum(one["BaselineBandwidthInGbps"] for one in cards) * 1000),
        "efaInterfaces": efa,
        "ebsBandwidthMbps": info["EbsInfo"]["EbsOptimizedInfo"]["MaximumBandwidthInMbps"],
        "addressablePods": card["MaximumNetworkInterfaces"] * (network["Ipv4AddressesPerInterface"] - 1) + 2,
        "neuronCores": sum(one["Count"] * one["CoreInfo"]["Count"] for one in neuron),
    }


def type_differences(catalogue: list, described: dict) -> list:
    found = []
    for ours in catalogue:
        name = ours["instanceType"]
        if name not in described:
            found.append((name, "instanceType", name, None))
            continue
        theirs = facts(described[name])
        found += [(name, field, ours[field], theirs[field]) for field in theirs if ours[field] != theirs[field]]
    return found


def offering_differences(catalogue: dict, folder: pathlib.Path, names: set) -> list:
    found = []
    for region, ours in catalogue.items():
        theirs: dict = {}
        for offering in read(folder / f"{region}.json.gz"):
            if offering["InstanceType"] in names:
                theirs.setdefault(offering["InstanceType"], []).append(offering["Location"])
        for name in sorted(ours.keys() | theirs.keys()):
            mine, other = sorted(ours.get(name, [])), sorted(theirs.get(name, []))
            if mine != other:
                found.append((name, f"zones of {region}", mine, other))
    return found


def explanation(name: str, field: str):
    return next((key for key in EXPLAINED if name.startswith(key[0]) and key[1] == field), None)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dist", default=str(ROOT / "dist"), help="folder of the built library")
    arguments = parser.parse_args()
    command = ["node", str(ROOT / "scripts" / "catalogue-json.mjs"), "--dist", arguments.dist]
    ours = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    folder = resources()

    names = {one["instanceType"] for one in ours["instanceTypes"]}
    found = type_differences(ours["instanceTypes"], read(folder / "instance_types.json.gz"))
    found += offering_differences(ours["offerings"], folder / "instance_type_offerings" / "availability-zone-id", names)

    used, unexplained = set(), 0
    for name, field, mine, theirs in found:
        key = explanation(name, field)
        used.add(key)
        unexplained += key is None
        reason = f" ({EXPLAINED[key]})" if key else ""
        print(f"{name} {field}: catalogue {mine}, EC2 {theirs}{reason}")
    stale = [key for key in EXPLAINED if key not in used]
    for prefix, field in stale:
        print(f"{prefix} {field}: the explanation explains nothing any more")
    print(f"{len(names)} types, {len(ours['offerings'])} regions: {unexplained} unexplained differences")
    return 1 if unexplained or stale else 0


if __name__ == "__main__":
    sys.exit(main())
