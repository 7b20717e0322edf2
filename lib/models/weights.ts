import type { Model } from './model';

/** Where the weights of a model are read from. */
export enum WeightsSource {
  /** The Hugging Face hub, over the internet, at each start of a pod. */
  HUB = 'hub',
  /** A bucket: streamed into device memory, with nothing written to disk, by engines that can. */
  S3 = 's3',
  /** A folder of a volume that is mounted into the pod. */
  VOLUME = 'volume',
}

/** A key of a Kubernetes Secret in the namespace of the model server. */
export interface SecretKey {
  /** Name of the Secret. */
  readonly secretName: string;
  /**
   * Key in the Secret.
   * @default 'token'
   */
  readonly key?: string;
}

/** Options of weights that come from the Hugging Face hub. */
export interface HubWeightsOptions {
  /**
   * The access token, for gated and private models.
   * @default - none: the repository is public
   */
  readonly token?: SecretKey;
}

/** Options of weights that are streamed from a bucket. */
export interface S3WeightsOptions {
  /**
   * Region of the bucket.
   * @default - the region of the cluster
   */
  readonly region?: string;
}

/** Options of weights on a volume. */
export interface VolumeWeightsOptions {
  /** PersistentVolumeClaim in the namespace of the model server. */
  readonly claimName: string;
  /**
   * Folder of the model inside the volume.
   * @default - the root of the volume
   */
  readonly path?: string;
}

/** Where the weights of a model are, and how a pod reaches them. */
export class Weights {
  /** From the Hugging Face hub, at each start. */
  public static hub(options: HubWeightsOptions = {}): Weights {
    return new Weights(WeightsSource.HUB, undefined, options.token);
  }

  /**
   * Streamed from `s3://bucket/prefix/`, which holds config.json, the tokenizer and the *.safetensors files.
   *
   * @throws when the address is no `s3://` one
   */
  public static s3(uri: string, options: S3WeightsOptions = {}): Weights {
    if (!uri.startsWith('s3://') && !uri.includes('${Token[')) {
      throw new Error(`'uri' (${uri}) must start with s3://: write s3://bucket/prefix/`);
    }
    return new Weights(WeightsSource.S3, uri, undefined, options.region);
  }

  /** From a folder of a PersistentVolumeClaim, for instance Mountpoint for S3 or FSx for Lustre. */
  public static volume(options: VolumeWeightsOptions): Weights {
    const path = `${Weights.MOUNT_PATH}/${options.path ?? ''}`.replace(/\/+$/, '');
    return new Weights(WeightsSource.VOLUME, path, undefined, undefined, options.claimName);
  }

  /** Where a volume of weights is mounted. */
  public static readonly MOUNT_PATH = '/models';

  private constructor(
    /** Where the weights are read from. */
    public readonly source: WeightsSource,
    /** Address in the bucket or path on the volume; none for the hub. */
    public readonly location?: string,
    /** Token of the hub. */
    public readonly token?: SecretKey,
    /** Region of the bucket. */
    public readonly region?: string,
    /** The claim that holds the weights. */
    public readonly claimName?: string,
  ) {}

  /** What an engine is given as the model: a repository id, an address or a path. */
  public modelArgument(model: Model): string {
    return this.location ?? model.id;
  }
}
