import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { answers, Child } from '../child';
import type { Component } from '../component';
import { freePorts } from '../ports';
import { unreadyPods } from './unready-pods';

const MODULE = 'sigs.k8s.io/kwok';

/** Stages of the kwok module, and ours for what the module does too fast. */
const STAGES = [
  'node/fast/node-initialize.yaml', 'node/heartbeat-with-lease/node-heartbeat-with-lease.yaml', 'node/chaos/node-not-ready.yaml',
  'pod/fast/pod-ready.yaml', 'pod/fast/pod-complete.yaml', 'pod/chaos/pod-container-running-failed.yaml',
];

/** Plays the kubelet of every node: pods become Ready at once and end when they are told to. */
export const kwok: Component = {
  name: 'kwok',
  requires: ['api-server'],
  async start({ folder, kubeconfig, logs, tools }) {
    const [port] = await freePorts(1);
    const stageOfKwok = (file: string): Promise<string> => readFile(tools.source('kwok', MODULE, 'kustomize/stage', file), 'utf8');
    const stages = await Promise.all([
      ...STAGES.map(stageOfKwok),
      stageOfKwok('pod/fast/pod-ready.yaml').then(unreadyPods),
      readFile(join(__dirname, '..', 'pod-delete-stages.yaml'), 'utf8'),
    ]);
    const config = join(folder, 'kwok.yaml');
    await writeFile(config, stages.join('\n---\n'));
    return [await Child.start({
      name: 'kwok',
      command: tools.binary('kwok'),
      args: [
        '--kubeconfig', kubeconfig, '--config', config, '--manage-nodes-with-annotation-selector', 'kwok.x-k8s.io/node=fake',
        '--node-lease-duration-seconds', '40', '--server-address', `127.0.0.1:${port}`,
      ],
      logFolder: logs,
      ready: answers(`http://127.0.0.1:${port}/healthz`, 200),
    })];
  },
};
