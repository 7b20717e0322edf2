import { join } from 'node:path';
import { answers, Child } from '../child';
import type { Component } from '../component';
import { freePorts } from '../ports';

export const etcd: Component = {
  name: 'etcd',
  requires: [],
  async start({ addresses, folder, logs, tools }) {
    const [client, peer] = await freePorts(2);
    const child = await Child.start({
      name: 'etcd',
      command: tools.binary('etcd'),
      args: [
        '--data-dir', join(folder, 'etcd'),
        '--unsafe-no-fsync', // the data live as long as the box
        '--listen-client-urls', `http://127.0.0.1:${client}`, '--advertise-client-urls', `http://127.0.0.1:${client}`,
        '--listen-peer-urls', `http://127.0.0.1:${peer}`, '--initial-advertise-peer-urls', `http://127.0.0.1:${peer}`,
        '--initial-cluster', `default=http://127.0.0.1:${peer}`,
        '--log-level', 'warn',
      ],
      logFolder: logs,
      ready: answers(`http://127.0.0.1:${client}/health`, 200),
    });
    addresses.etcd = `http://127.0.0.1:${client}`;
    return [child];
  },
};
