import type { Mutation } from './mutation';

const command = { file: 'test/box/up.ts', caughtBy: 'box-command' };
const app = { file: 'test/box/harness/user-app.ts', caughtBy: 'box-command', tests: 'put into a box' };

export const MUTATIONS: readonly Mutation[] = [
  { ...command, breaks: 'Ctrl-C stops everything', replace: "    log('stopping …');\n    await box.stop();\n", by: '', tests: 'put into a box' },
  { ...command, breaks: 'a port out of range is refused', replace: 'port < 65_536', by: 'port < 650_536', tests: 'what cannot be' },
  { ...app, breaks: 'the box is in the region of the app', replace: 'region: region ?? DEFAULTS.region', by: 'region: DEFAULTS.region' },
  { ...app, breaks: 'nodes have the role of the box', replace: 'role: `${clusterName}-node`', by: 'role: `${clusterName}-not`' },
  { ...app, breaks: 'definitions come before what they define', replace: "  ({ kind }) => kind === 'CustomResourceDefinition',\n", by: '' },
  { ...app, breaks: 'what all namespaces share comes before what is in one', replace: '  ({ metadata }) => metadata.namespace === undefined,\n', by: '' },
  { ...app, breaks: 'a namespace that an app expects is there', replace: 'await ensureNamespaceForPods(cluster, namespace);', by: 'await Promise.resolve(namespace);' },
  { ...app, breaks: 'an app that is not there is refused', replace: "if (!existsSync(path)) throw", by: "if (path === '') throw", tests: 'what cannot be' },
  {
    ...app, file: 'test/box/harness/ports.ts', breaks: 'a port that another program has is refused',
    replace: 'const reason = code ===', by: "if (code === 'EADDRINUSE') return;\n    const reason = code ===", tests: 'another program',
  },
];
