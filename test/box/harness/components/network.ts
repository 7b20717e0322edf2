import type { Component } from '../component';
import { freePorts } from '../ports';
import { startFake } from './fakes';

/**
 * In-cluster HTTP: pods here have no network. The controllers that call one (KEDA asks Prometheus, KubeRay the Ray dashboard, AIBrix
 * the engines) get this as their HTTP proxy, so that the addresses in the manifests stay exactly those of a real cluster.
 */
export const network: Component = {
  name: 'network',
  requires: [],
  async start(context) {
    const [port] = (await freePorts(1)) as [number];
    const child = await startFake(context, 'network', { scheme: 'http', port });
    context.addresses.network = `http://127.0.0.1:${port}`;
    return [child];
  },
};
