import type { k8s } from 'cdk8s-plus-34';
import { Versions } from '../../../lib/versions';

/** A chart in a git repository, and how it is installed. */
export interface ChartFromGit {
  /** Name of the release. */
  readonly release: string;
  /** Namespace of the release. */
  readonly namespace: string;
  /** Address of the repository. */
  readonly repository: string;
  /** Commit, or a full ref such as `refs/tags/v1.2.3`. */
  readonly ref: string;
  /** Folder of the chart in the repository. */
  readonly path: string;
  /** File with values in that folder, below the user's. */
  readonly valuesFile: string;
  /** Tolerations of the Jobs. */
  readonly tolerations: k8s.Toleration[];
  /** Template of the chart whose pod takes no tolerations, and has to have them all the same. */
  readonly untolerating: string;
}

/**
 * The files of a chart that installs another one, which is in a git repository only: Jobs, run by Helm's hooks, that
 * install it after an installation or an upgrade, and remove it before a removal. The values of this chart are the values
 * of the other one.
 *
 * Git checks what it fetches against the commit's hash. The rights to install are made with each Job and deleted after it.
 */
export function chartFromGit(chart: ChartFromGit): { [file: string]: string } {
  const tolerations = JSON.stringify(chart.tolerations);
  const install = [
    'git init -q chart && cd chart',
    `git remote add origin ${chart.repository}`,
    `git fetch -q --depth 1 --filter=blob:none origin ${chart.ref}`,
    `git checkout -q FETCH_HEAD -- ${chart.path}`,
    `cd ${chart.path}`,
    `sed -i 's|^      containers:$|      tolerations: ${tolerations}\\n&|' ${chart.untolerating}`,
    `helm upgrade --install ${chart.release} . --namespace ${chart.namespace} --create-namespace --wait --timeout 8m \\`,
    `  --values ${chart.valuesFile} --values /values/values.json`,
  ];
  const remove = [`helm uninstall ${chart.release} --namespace ${chart.namespace} --ignore-not-found --wait --timeout 8m`];
  const installing = 'post-install,post-upgrade';
  const removing = 'pre-delete';

  return {
    'Chart.yaml': yaml({ apiVersion: 'v2', name: `${chart.release}-installer`, version: '1.0.0' }),
    'templates/rights.yaml': [
      hook({ apiVersion: 'v1', kind: 'ServiceAccount' }, `${installing},${removing}`, -1),
      hook(
        {
          apiVersion: 'rbac.authorization.k8s.io/v1',
          kind: 'ClusterRoleBinding',
          roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
          subjects: [{ kind: 'ServiceAccount', name: RELEASE, namespace: '{{ .Release.Namespace }}' }],
        },
        `${installing},${removing}`,
        -1,
      ),
    ].join('---\n'),
    'templates/values.yaml': hook(
      { apiVersion: 'v1', kind: 'ConfigMap', data: { 'values.json': '{{ .Values | toJson | js }}' } },
      installing,
      -1,
    ).replace("'{{ .Values | toJson | js }}'", '{{ .Values | toJson | quote }}'),
    'templates/install.yaml': hook(job(install, tolerations), installing, 0, '-install'),
    'templates/remove.yaml': hook(job(remove, tolerations), removing, 0, '-remove'),
  };
}
