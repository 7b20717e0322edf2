import type { Mutation } from './mutation';

const upgrade = { caughtBy: 'kubernetes-upgrade' };

export const MUTATIONS: readonly Mutation[] = [
  {
    ...upgrade, breaks: 'what was stored is there after the upgrade',
    file: 'test/box/harness/components/api-server.ts', replace: "'--authorization-mode=Node,RBAC',", by: "'--authorization-mode=Node,RBAC', `--etcd-prefix=/${controlPlane}`,",
  },
  {
    ...upgrade, breaks: 'the control plane is one minor newer',
    file: 'test/box/harness/box.ts', replace: '{ ...this.context, controlPlane, cluster: this.cluster }', by: '{ ...this.context, cluster: this.cluster }',
  },
  {
    ...upgrade, breaks: 'the clusters of the library are of the version that is upgraded from',
    file: 'lib/versions.ts', replace: "KUBERNETES = '1.35'", by: "KUBERNETES = '1.34'",
  },
  {
    ...upgrade, breaks: 'pods go on through the upgrade',
    file: 'test/box/harness/box.ts', replace: 'for (const name of CONTROL_PLANE) this.children.push(...await componentNamed(name).start(context));',
    by: "for (const name of CONTROL_PLANE) this.children.push(...await componentNamed(name).start(context));\n    await this.cluster.kubectl(['delete', 'pods', '--all', '--all-namespaces', '--wait=false']);",
  },
];
