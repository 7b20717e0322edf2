#!/usr/bin/env node
// Compares the catalogues of the built library with tables, and lists what differs by field. Exit code 1 when anything does.
//   npm run build && node scripts/catalogue-drift.mjs [--instances FILE.csv] [--offerings FILE.csv] [--models FILE.csv] [--dist FOLDER]
//
// instances: instance_type, arch, karpenter_accel_name, accel_count, karpenter_gpu_memory_mib, vcpu, memory_gib, local_nvme_gb,
//            network_gbps, efa_max_interfaces, ebs_bandwidth_mbps, karpenter_neuron_cores, od_usd_per_h_us_east_1
// offerings: region, instance_type, zone_ids (separated by spaces)
// models:    model_id, layers, hidden_size, attn_heads, kv_heads, head_dim, mla_kv_lora_rank, max_position, num_experts, weights_gib_on_disk
import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import { catalogues, option } from './catalogues.mjs';

/** Rows of the tables that are left out on purpose, with the reason. */
const LEFT_OUT = {
  'p6e-gb200.36xlarge': 'EC2 describes it nowhere: memory of a device and EFA are not published',
  'trn3.48xlarge': 'its shape is not confirmed',
};

const INSTANCE_FIELDS = {
  architecture: (row) => row.arch,
  deviceName: (row) => row.karpenter_accel_name || null,
  devices: (row) => number(row.accel_count) ?? 0,
  deviceMemoryMiB: (row) => number(row.karpenter_gpu_memory_mib) ?? (number(row.mem_per_device_gib) ?? 0) * 1024,
  vcpus: (row) => number(row.vcpu),
  memoryMiB: (row) => number(row.memory_gib) * 1024,
  localNvmeGB: (row) => number(row.local_nvme_gb) ?? 0,
  networkMbps: (row) => Math.round(number(row.network_gbps) * 1000),
  efaInterfaces: (row) => number(row.efa_max_interfaces) ?? 0,
  ebsBandwidthMbps: (row) => number(row.ebs_bandwidth_mbps),
  neuronCores: (row) => number(row.karpenter_neuron_cores) ?? 0,
  usdPerHour: (row) => number(row.od_usd_per_h_us_east_1) ?? null,
};

const MODEL_FIELDS = {
  layers: (row) => number(row.layers),
  hiddenSize: (row) => number(row.hidden_size),
  attentionHeads: (row) => number(row.attn_heads),
  kvHeads: (row) => number(row.kv_heads),
  headDim: (row) => number(row.head_dim),
  kvLoraRank: (row) => number(row.mla_kv_lora_rank),
  maxPositions: (row) => number(row.max_position),
  experts: (row) => number(row.num_experts),
  weightsGiB: (row) => number(row.weights_gib_on_disk),
};

const ours = catalogues(process.argv);
const drift = [
  ...compare('instances', 'instance_type', ours.instanceTypes, 'instanceType', INSTANCE_FIELDS),
  ...compare('models', 'model_id', ours.models, 'id', MODEL_FIELDS, { ignoreAbsent: true, allowMore: true }),
  ...offerings(),
];
drift.forEach((line) => console.log(line));
console.log(drift.length === 0 ? 'no drift' : `${drift.length} differences`);
process.exitCode = drift.length === 0 ? 0 : 1;

function number(text) {
  return text === undefined || text === '' ? undefined : Number(text);
}

function rows(name) {
  const file = option(process.argv, name);
  return file === undefined ? undefined : parse(readFileSync(file), { columns: true, relax_column_count: true });
}

function compare(table, key, known, knownKey, fields, { ignoreAbsent = false, allowMore = false } = {}) {
  const theirs = rows(table);
  if (!theirs) return [];
  const byName = new Map(known.map((one) => [one[knownKey], one]));
  const lines = [];
  for (const row of theirs) {
    const name = row[key];
    const one = byName.get(name);
    byName.delete(name);
    if (!one) {
      if (!LEFT_OUT[name]) lines.push(`${table}: ${name} is not in the catalogue`);
      continue;
    }
    for (const [field, read] of Object.entries(fields)) {
      const expected = read(row);
      if (expected === undefined && ignoreAbsent) continue;
      if (expected !== one[field]) lines.push(`${table}: ${name} ${field}: catalogue ${one[field]}, table ${expected}`);
    }
  }
  if (!allowMore) for (const name of byName.keys()) lines.push(`${table}: ${name} is not in the table`);
  return lines;
}

function offerings() {
  const theirs = rows('offerings');
  if (!theirs) return [];
  const lines = [];
  const seen = new Set();
  for (const { region, instance_type: type, zone_ids: zones } of theirs) {
    seen.add(`${region} ${type}`);
    const known = (ours.offerings[region]?.[type] ?? []).join(' ');
    if (known !== zones && !LEFT_OUT[type]) lines.push(`offerings: ${region} ${type}: catalogue '${known}', table '${zones}'`);
  }
  for (const [region, types] of Object.entries(ours.offerings)) {
    for (const type of Object.keys(types)) if (!seen.has(`${region} ${type}`)) lines.push(`offerings: ${region} ${type} is not in the table`);
  }
  return lines;
}
