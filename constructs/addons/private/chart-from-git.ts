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
  /** Tolerations of the Jobs, and of the pods of `untolerating`. */
  readonly tolerations: k8s.Toleration[];
  /** Template of the chart whose pod takes no tolerations from values, and needs them all the same. */
  readonly untolerating: string;
}

/**
 * The files of a chart that installs another one, which is in a git repository only.
 *
 * Helm's hooks run a Job that installs it after an installation or an upgrade, and one that removes it before a
 * removal. The values of this chart are the values of the other one. Git checks what it fetches against the hash of the
 * commit. The right to install is made with each Job and deleted after it.
 */
export function chartFromGit(chart: ChartFromGit): { [file: string]: string } {
  const name = `${chart.release}-installer`;
  const installing = 'post-install,post-upgrade';
  const removing = 'pre-delete';
  const always = `${installing},${removing}`;

  const objects: { [file: string]: Hook } = {
    account: { when: always, weight: -1, object: { apiVersion: 'v1', kind: 'ServiceAccount' } },
    rights: {
      when: always,
      weight: -1,
      object: {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'ClusterRoleBinding',
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
        subjects: [{ kind: 'ServiceAccount', name, namespace: '{{ .Release.Namespace }}' }],
      },
    },
    values: { when: installing, weight: -1, object: { apiVersion: 'v1', kind: 'ConfigMap', data: { 'values.json': VALUES } } },
    install: { when: installing, weight: 0, object: job(name, installProgram(chart), chart.tolerations, true) },
    remove: { when: removing, weight: 0, object: job(name, removeProgram(chart), chart.tolerations) },
  };
  const templates = Object.entries(objects).map(([file, hook]) => [`templates/${file}.yaml`, render(name, hook)]);
  return {
    'Chart.yaml': `apiVersion: v2\nname: ${name}\nversion: 1.0.0\n`,
    ...Object.fromEntries(templates),
  };
}

interface Hook {
  readonly when: string;
  readonly weight: number;
  readonly object: { readonly [field: string]: unknown };
}

/** JSON is YAML, and holds no `{{` of its own. */
function render(name: string, { when, weight, object }: Hook): string {
  const metadata = {
    name,
    annotations: {
      'helm.sh/hook': when,
      'helm.sh/hook-weight': `${weight}`,
      'helm.sh/hook-delete-policy': 'before-hook-creation,hook-succeeded',
    },
  };
  return `${JSON.stringify({ ...object, metadata }, undefined, 2).replace(`"${VALUES}"`, '{{ .Values | toJson | quote }}')}\n`;
}

const VALUES = '@values';
const VALUES_PATH = '/values';
const WORK_PATH = '/work';

function installProgram(chart: ChartFromGit): string[] {
  return [
    'git init --quiet chart && cd chart',
    `git remote add origin ${chart.repository}`,
    `git fetch --quiet --depth 1 --filter=blob:none origin ${chart.ref}`,
    `git checkout --quiet FETCH_HEAD -- ${chart.path}`,
    `cd ${chart.path}`,
    `sed -i 's|^      containers:$|      tolerations: ${JSON.stringify(chart.tolerations)}\\n&|' ${chart.untolerating}`,
    `helm upgrade --install ${chart.release} . --namespace ${chart.namespace} --create-namespace --wait --timeout 8m` +
      ` --values ${chart.valuesFile} --values ${VALUES_PATH}/values.json`,
  ];
}

function removeProgram(chart: ChartFromGit): string[] {
  return [`helm uninstall ${chart.release} --namespace ${chart.namespace} --ignore-not-found --wait --timeout 8m`];
}

function job(name: string, program: string[], tolerations: k8s.Toleration[], withValues = false): Hook['object'] {
  const values = withValues ? [{ name: 'values', configMap: { name } }] : [];
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    spec: {
      backoffLimit: 1,
      activeDeadlineSeconds: 570, // below the ten minutes that the outer Helm waits
      template: {
        spec: {
          restartPolicy: 'Never',
          serviceAccountName: name,
          enableServiceLinks: false,
          tolerations,
          securityContext: {
            runAsNonRoot: true,
            runAsUser: 65532,
            runAsGroup: 65532,
            fsGroup: 65532,
            seccompProfile: { type: 'RuntimeDefault' },
          },
          containers: [
            {
              name: 'helm',
              image: Versions.HELM_IMAGE,
              command: ['sh', '-euxc', program.join('\n')],
              workingDir: WORK_PATH,
              env: [
                { name: 'HOME', value: WORK_PATH },
                { name: 'TMPDIR', value: WORK_PATH },
              ],
              resources: { requests: { cpu: '100m', memory: '256Mi' }, limits: { memory: '512Mi' } },
              securityContext: {
                allowPrivilegeEscalation: false,
                readOnlyRootFilesystem: true,
                capabilities: { drop: ['ALL'] },
              },
              volumeMounts: [
                { name: 'work', mountPath: WORK_PATH },
                ...values.map((volume) => ({ name: volume.name, mountPath: VALUES_PATH, readOnly: true })),
              ],
            },
          ],
          volumes: [{ name: 'work', emptyDir: { sizeLimit: '256Mi' } }, ...values],
        },
      },
    },
  };
}
