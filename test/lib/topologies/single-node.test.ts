import { SingleNode } from '../../../lib';
import { modelServer, theOnly } from '../../fixtures/model-server';

describe('one node serves one replica', () => {
  const { spec } = theOnly('Deployment', modelServer());
  const pod = spec.template.spec;
  const [engine] = pod.containers;

  test('starts the new pod before the old one ends, or makes room first', () => {
    const rollout = (surge: boolean) => theOnly('Deployment', modelServer({ topology: new SingleNode({ surge }) })).spec.strategy.rollingUpdate;
    expect(spec.strategy.rollingUpdate).toEqual({ maxSurge: 1, maxUnavailable: 0 });
    expect(rollout(true)).toEqual({ maxSurge: 1, maxUnavailable: 0 });
    expect(rollout(false)).toEqual({ maxSurge: 0, maxUnavailable: 1 });
  });

  test('gives a start longer to be seen as failed than it may take', () => {
    const { periodSeconds, failureThreshold } = engine.startupProbe;
    expect(spec.progressDeadlineSeconds).toBeGreaterThan(periodSeconds * failureThreshold);
  });

  test('lets requests finish: pause, then the drain of the engine, then the end', () => {
    const pause = engine.lifecycle.preStop.sleep.seconds;
    const drain = Number(engine.args[engine.args.indexOf('--shutdown-timeout') + 1]);
    expect(pod.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(pause + drain + 5);
  });

  test('tolerates the taint of its devices, and requests what it is limited to', () => {
    expect(pod.tolerations).toEqual([{ key: 'nvidia.com/gpu', operator: 'Exists', effect: 'NoSchedule' }]);
    expect(engine.resources.requests).toMatchObject(engine.resources.limits);
  });

  test('binds replicas to no zone: a wish to spread them is all', () => {
    expect(pod.affinity).not.toHaveProperty('podAffinity');
    expect(pod.topologySpreadConstraints).toMatchObject([{ whenUnsatisfiable: 'ScheduleAnyway' }]);
  });

  test('has no such wish where replicas are not to be spread', () => {
    const deployment = theOnly('Deployment', modelServer({ spreadZones: false }));
    expect(deployment.spec.template.spec).not.toHaveProperty('topologySpreadConstraints');
  });

  test('asks for no scheduler and no token that it does not need', () => {
    expect(pod).not.toHaveProperty('schedulerName');
    expect(JSON.stringify(engine.env)).not.toContain('HF_TOKEN');
    expect(pod.automountServiceAccountToken).toBe(false);
  });
});
