// The catalogues of the built library as plain objects.
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** The value after an option on the command line. */
export function option(argv, name) {
  const at = argv.indexOf(`--${name}`);
  return at < 0 ? undefined : argv[at + 1];
}

/** Instance types, offerings and models, read from the folder that the compiler writes. */
export function catalogues(argv) {
  const dist = resolve(option(argv, 'dist') ?? join(root, 'dist'));
  const { Accelerator } = require(join(dist, 'lib/accelerators/accelerator.js'));
  const { Regions } = require(join(dist, 'lib/regions/regions.js'));
  const { Model } = require(join(dist, 'lib/models/model.js'));
  const types = Accelerator.catalogue().map((name) => Accelerator.fromInstanceType(name));
  return {
    instanceTypes: types.map((type) => ({
      instanceType: type.instanceType,
      kind: type.kind,
      architecture: type.architecture,
      cpuManufacturer: type.cpuManufacturer,
      deviceName: type.deviceName ?? null,
      devices: type.fractional ? 0 : type.nodeDevices,
      deviceMemoryMiB: type.deviceMemoryMiB,
      vcpus: type.vcpus,
      memoryMiB: type.memoryMiB,
      localNvmeGB: type.localNvmeGB,
      networkMbps: type.networkMbps,
      efaInterfaces: type.efaInterfaces,
      ebsBandwidthMbps: type.ebsBandwidthMbps,
      addressablePods: type.addressablePods,
      neuronCores: type.isNeuron ? type.nodeDevices * type.neuronCoresPerDevice : 0,
      usdPerHour: type.onDemandUsdPerHour('us-east-1') ?? null,
    })),
    offerings: Object.fromEntries(
      Regions.all().map((region) => [
        region,
        Object.fromEntries(
          types.map(({ instanceType }) => [instanceType, Regions.zonesSelling(region, instanceType)]).filter(([, zones]) => zones.length > 0),
        ),
      ]),
    ),
    models: Model.catalogue().map((id) => {
      const { architecture = {}, parametersBillions, weightsGiB, repositoryGiB, format } = Model.huggingFace(id);
      return { id, parametersBillions, weightsGiB: repositoryGiB ?? weightsGiB, format, ...architecture };
    }),
  };
}
