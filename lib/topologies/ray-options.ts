import type { SecretKey } from '../models/weights';

/**
 * What happens when the cluster of a Ray topology changes: its image, its instance type, or the bounds of its replicas.
 *
 * KubeRay's third way, `NewClusterWithIncrementalUpgrade`, is not among them: it moves requests by the weights of a
 * Gateway of its own, and clients of the model server's Service would not pass it.
 */
export enum RayUpgrade {
  /**
   * A second cluster is built, with the fewest replicas, and the first goes a minute after the second serves. No request
   * is lost; for a while it needs as many nodes again.
   */
  NEW_CLUSTER = 'NewCluster',
  /**
   * The running cluster stays as it is until someone deletes its RayCluster, which is then made anew; until that the
   * change has no effect, except that the applications in the old cluster get the new settings of the model.
   */
  NONE = 'None',
}

/** A Redis or Valkey that keeps the state of Ray's control store. */
export interface RayGcsStore {
  /** `host:port`, or with TLS `rediss://host:port`. Cluster mode must be off. */
  readonly address: string;
  /**
   * User.
   * @default - the default user
   */
  readonly username?: SecretKey;
  /**
   * Password.
   * @default - none
   */
  readonly password?: SecretKey;
}

/** Options of the Ray topology. */
export interface RayOptions {
  /**
   * Image with Ray Serve LLM, its vLLM included, for the head and the workers.
   * @default - the image tested with this library
   */
  readonly image?: string;
  /**
   * Version of Ray in `image`.
   * @default - the version of the default image
   */
  readonly rayVersion?: string;
  /**
   * Where the control store keeps its state: then the loss of the head interrupts nothing.
   * @default - in the head's memory: a lost head restarts the application
   */
  readonly gcsStore?: RayGcsStore;
  /**
   * What happens when the cluster changes.
   * @default RayUpgrade.NEW_CLUSTER
   */
  readonly upgrade?: RayUpgrade;
  /**
   * Seconds that a worker must be idle before its pod goes, once Ray Serve has taken its replica away.
   * @default 60
   */
  readonly idleTimeoutSeconds?: number;
  /**
   * CPU of the head, in cores.
   * @default 2
   */
  readonly headCpu?: number;
  /**
   * Memory of the head, in GiB.
   * @default 8
   */
  readonly headMemoryGiB?: number;
  /**
   * Folder of LoRA adapters in a bucket, `s3://…`: clients ask for `<model>:<adapter>`, and it is loaded then.
   * @default - no adapters
   */
  readonly loraPath?: string;
  /**
   * Namespace of the KubeRay operator, which talks to the head.
   * @default 'kuberay-system'
   */
  readonly operatorNamespace?: string;
}
