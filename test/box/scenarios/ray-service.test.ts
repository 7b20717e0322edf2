import { fakeNode } from '../fixtures/workloads';
import { Box } from '../harness/box';
import { isTrue, RayClusters, RayServices, type KubeObject, type RayCluster } from '../harness/kinds';
import { eventually } from '../harness/wait';
import { Workspace } from '../harness/workspace';

const box = Box.attach();
const GPU = 'nvidia.com/gpu';
const WORKER = { 'ray.io/node-type': 'worker' };

function rayService(name: string, workers: number): KubeObject {
  const resources = (devices: Record<string, number>): object => ({ requests: { cpu: '1', memory: '4Gi' }, limits: { cpu: '1', memory: '4Gi', ...devices } });
  const pod = (container: object): object => ({ spec: { nodeSelector: { scenario: 'ray' }, containers: [container] } });
  return {
    apiVersion: 'ray.io/v1', kind: 'RayService', metadata: { name },
    spec: {
      serveConfigV2: 'applications: [{name: llm, import_path: app:llm, route_prefix: /, deployments: [{name: server}]}]',
      rayClusterConfig: {
        rayVersion: '2.60.0',
        headGroupSpec: { rayStartParams: {}, template: pod({ name: 'head', image: 'example.com/ray:1', resources: resources({}) }) },
        workerGroupSpecs: [{
          groupName: 'gpus', replicas: workers, minReplicas: 0, maxReplicas: 4, rayStartParams: {},
          template: pod({ name: 'worker', image: 'example.com/ray:1', resources: resources({ [GPU]: 1 }) }),
        }],
      },
    },
  };
}

describe('given a RayService with one group of workers', () => {
  let place: Workspace;

  async function activeCluster(): Promise<RayCluster> {
    const service = await box.cluster.get(RayServices, 'llm', place.namespace);
    const name = service.status?.activeServiceStatus?.rayClusterName;
    if (name === undefined || name === '') throw new Error(`no active cluster: ${JSON.stringify(service.status)}`);
    return box.cluster.get(RayClusters, name, place.namespace);
  }

  beforeAll(async () => {
    place = await Workspace.create(box, 'ray-service');
    await place.apply(fakeNode({ name: 'ray-1', zone: 'us-west-2a', labels: { scenario: 'ray' }, devices: { [GPU]: 8 } }));
    await place.apply(rayService('llm', 2));
  });

  afterAll(() => place.dispose());

  test('then it becomes a RayCluster with that group, its applications are deployed, and it is ready', async () => {
    const cluster = await eventually('an active RayCluster', activeCluster, { seconds: 120 });
    expect(cluster.spec.workerGroupSpecs).toMatchObject([{ groupName: 'gpus', replicas: 2 }]);
    await place.running(2, WORKER);
    await eventually('the service is ready', async () => {
      const service = await box.cluster.get(RayServices, 'llm', place.namespace);
      if (!isTrue(service, 'Ready')) throw new Error(JSON.stringify(service.status?.conditions));
    }, { seconds: 120 });
    const deployed = (await box.network.requests())
      .filter(({ method, url }) => method === 'PUT' && url.includes(`.${place.namespace}.svc.`));
    expect(deployed.map(({ url }) => new URL(url).pathname)).toContain('/api/serve/applications/');
  });

  test('when the target of the group is raised, as its autoscaler does, then workers are added', async () => {
    const cluster = await activeCluster();
    const [group] = cluster.spec.workerGroupSpecs ?? [];
    const raised = { spec: { workerGroupSpecs: [{ ...group, replicas: 4 }] } };
    await box.cluster.patch(RayClusters, cluster.metadata.name, place.namespace, raised);
    await place.running(4, WORKER);
  });
});
