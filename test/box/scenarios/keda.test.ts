import { fakeNode, server } from '../fixtures/workloads';
import { Box } from '../harness/box';
import { Deployments, type KubeObject } from '../harness/kinds';
import { eventually, throughout } from '../harness/wait';
import { Workspace } from '../harness/workspace';

const box = Box.attach();
const QUERY = 'waiting_requests';

/** Ten waiting requests a replica, between `least` and six replicas; three when Prometheus is silent. */
function scaledObject(name: string, least: number): KubeObject {
  return {
    apiVersion: 'keda.sh/v1alpha1', kind: 'ScaledObject', metadata: { name },
    spec: {
      scaleTargetRef: { name }, minReplicaCount: least, maxReplicaCount: 6, pollingInterval: 2, cooldownPeriod: 6,
      fallback: { failureThreshold: 2, replicas: 3 },
      advanced: { horizontalPodAutoscalerConfig: { behavior: { scaleDown: { stabilizationWindowSeconds: 0 } } } },
      triggers: [{
        type: 'prometheus', metricType: 'AverageValue',
        metadata: { serverAddress: 'http://prometheus.monitoring.svc:9090', query: `sum(${QUERY}{name="${name}"})`, threshold: '10' },
      }],
    },
  };
}

describe('given a server that is scaled by its queue', () => {
  let place: Workspace;

  function replicas(name: string, count: number, seconds: number = 90): Promise<void> {
    return eventually(`${name} has ${count} replicas`, async () => {
      const deployment = await box.cluster.get(Deployments, name, place.namespace);
      if (deployment.spec.replicas !== count) throw new Error(`it has ${deployment.spec.replicas}`);
    }, { seconds });
  }

  beforeAll(async () => {
    place = await Workspace.create(box, 'keda-scenario');
    await box.network.prometheus({ [QUERY]: 5 });
    await place.apply(fakeNode({ name: 'keda-1', zone: 'us-west-2a', labels: { scenario: 'keda' } }));
    await place.apply(server({ name: 'steady', nodeSelector: { scenario: 'keda' } }), scaledObject('steady', 1));
    await place.running(1, { app: 'steady' });
  });

  afterAll(async () => {
    await box.network.prometheus({});
    await place.dispose();
  });

  test('when 40 requests wait, then there are 4 replicas; when they are served, then 1 again', async () => {
    await box.network.prometheus({ [QUERY]: 40 });
    await replicas('steady', 4);
    await place.running(4, { app: 'steady' });

    await box.network.prometheus({ [QUERY]: 0 });
    await replicas('steady', 1);
  });

  test('when more wait than the bound allows for, then there are as many replicas as the bound says', async () => {
    await box.network.prometheus({ [QUERY]: 500 });
    await replicas('steady', 6);
    await throughout('the bound holds', 5, () => replicas('steady', 6, 0));
  });

  test('when Prometheus is gone, then the fallback holds, and ends when it is back', async () => {
    await box.network.prometheus({ [QUERY]: 10 });
    await replicas('steady', 1);
    await box.network.prometheus({ [QUERY]: null });
    await replicas('steady', 3, 120);
    await box.network.prometheus({ [QUERY]: 20 });
    await replicas('steady', 2);
  });

  test('when nothing is asked of a server that may scale to zero, then it does, and comes back with the first request', async () => {
    await box.network.prometheus({ [QUERY]: 0 });
    await place.apply(server({ name: 'rare', nodeSelector: { scenario: 'keda' } }), scaledObject('rare', 0));
    await replicas('rare', 0, 120);
    await box.network.prometheus({ [QUERY]: 3 });
    await replicas('rare', 1);
  });
});
