import { fakeNode, podTemplate } from '../fixtures/workloads';
import { Box } from '../harness/box';
import { HorizontalPodAutoscalers, RoleSets, StormServices, type KubeObject } from '../harness/kinds';
import { eventually } from '../harness/wait';
import { Workspace } from '../harness/workspace';

const box = Box.attach();
const SELECTOR = { scenario: 'aibrix' };

function role(name: string, replicas: number): object {
  return { name, replicas, stateful: true, template: podTemplate({ name, nodeSelector: SELECTOR }) };
}

function stormService(name: string): KubeObject {
  return {
    apiVersion: 'orchestration.aibrix.ai/v1alpha1', kind: 'StormService', metadata: { name },
    spec: {
      replicas: 1, stateful: true, selector: { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name } }, spec: { roles: [role('prefill', 1), role('decode', 2)] } },
    },
  };
}

describe('given AIBrix', () => {
  let place: Workspace;

  beforeAll(async () => {
    place = await Workspace.create(box, 'aibrix-scenario');
    await place.apply(fakeNode({ name: 'aibrix-1', zone: 'us-west-2a', labels: SELECTOR }));
  });

  afterAll(() => place.dispose());

  test('when a StormService has a prefill and a decode role, then it becomes a RoleSet whose pods run', async () => {
    await place.apply(stormService('apart'));
    await place.running(1, { 'role-name': 'prefill' });
    await place.running(2, { 'role-name': 'decode' });
    expect(await box.cluster.list(RoleSets, { namespace: place.namespace })).toHaveLength(1);
    expect((await box.cluster.get(StormServices, 'apart', place.namespace)).spec.replicas).toBe(1);
  });

  test('when a PodAutoscaler of type HPA targets a Deployment, then it becomes a HorizontalPodAutoscaler with its bounds', async () => {
    await place.apply({
      apiVersion: 'autoscaling.aibrix.ai/v1alpha1', kind: 'PodAutoscaler', metadata: { name: 'scaled' },
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'served' }, minReplicas: 1, maxReplicas: 5, scalingStrategy: 'HPA',
        metricsSources: [{ metricSourceType: 'resource', targetMetric: 'cpu', targetValue: '50' }],
      },
    }, {
      apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'served' },
      spec: { selector: { matchLabels: { app: 'served' } }, template: podTemplate({ name: 'served', nodeSelector: SELECTOR }) },
    });
    await eventually('an HPA', async () => {
      const [found] = await box.cluster.list(HorizontalPodAutoscalers, { namespace: place.namespace });
      expect(found?.spec).toMatchObject({ minReplicas: 1, maxReplicas: 5 });
    });
  });
});
