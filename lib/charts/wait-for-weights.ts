import { k8s } from 'cdk8s-plus-34';
import { Versions } from '../versions';
import { WAIT_FOR_WEIGHTS_PY } from './wait-for-weights-py';

/** Options of the wait for the weights of a model. */
export interface WaitForWeightsOptions {
  /** Folder of the model in the bucket: `s3://bucket/prefix/`. The pod's service account may list it. */
  readonly uri: string;

  /** AWS region of the bucket. EKS Pod Identity does not set it. */
  readonly region: string;

  /**
   * Image with Python and boto3.
   *
   * @default Versions.MODEL_COPY_IMAGE
   */
  readonly image?: string;
}

/** Makes servers wait until their weights are whole. */
export class WaitForWeights {
  /**
   * An init container that ends when the copy job has written its completion marker beside the weights.
   *
   * Applying a Job to a cluster does not wait for it to finish, so the order of a deployment is not enough: a server
   * that starts in the middle of a copy fails on a file that is not there yet. It says in its log what it waits for.
   */
  public static container(options: WaitForWeightsOptions): k8s.Container {
    return {
      name: 'wait-for-weights',
      image: options.image ?? Versions.MODEL_COPY_IMAGE,
      command: ['python3', '-c', WAIT_FOR_WEIGHTS_PY, options.uri],
      env: [
        // boto3 reads the second only, other SDKs the first.
        { name: 'AWS_REGION', value: options.region },
        { name: 'AWS_DEFAULT_REGION', value: options.region },
      ],
      resources: {
        requests: { cpu: k8s.Quantity.fromString('50m'), memory: k8s.Quantity.fromString('128Mi') },
        limits: { memory: k8s.Quantity.fromString('128Mi') },
      },
      securityContext: {
        runAsNonRoot: true,
        runAsUser: 1000,
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
        seccompProfile: { type: 'RuntimeDefault' },
      },
    };
  }
}
