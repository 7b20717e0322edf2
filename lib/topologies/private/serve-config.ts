import { stringify } from 'yaml';
import type { EngineConfig, EngineContext } from '../../engines/engine';
import { settleSeconds } from '../../scaling/private/behavior';
import type { ReplicaBounds } from '../../scaling/scaling';

/** What an application of Ray Serve LLM is made from. */
export interface ServeConfigProps {
  /** What the engine was bound with. */
  readonly context: EngineContext;
  /** The engine's container: its keywords are what Ray starts the engine with. */
  readonly engine: EngineConfig;
  /** How many replicas. */
  readonly replicas: ReplicaBounds;
  /** Seconds a replica may take to its first answer. */
  readonly startupSeconds: number;
  /** Folder of LoRA adapters in a bucket. */
  readonly loraPath?: string;
}

/** Scaling of one deployment of Ray Serve (`ray.serve.config.AutoscalingConfig`). */
interface AutoscalingConfig {
  readonly min_replicas: number;
  readonly initial_replicas?: number;
  readonly max_replicas: number;
  readonly target_ongoing_requests: number;
  readonly upscale_delay_s?: number;
  readonly downscale_delay_s?: number;
}

/** One deployment of Ray Serve. */
interface DeploymentConfig {
  readonly num_replicas?: number;
  readonly autoscaling_config?: AutoscalingConfig;
  readonly graceful_shutdown_timeout_s?: number;
}

/** One model (`ray.serve.llm.LLMConfig`). */
interface LlmConfig {
  readonly model_loading_config: { readonly model_id: string; readonly model_source: string };
  readonly engine_kwargs: { readonly [keyword: string]: unknown };
  readonly deployment_config: DeploymentConfig;
  readonly lora_config?: { readonly dynamic_lora_loading_path: string };
}

/** All of it (`ray.serve.schema.ServeDeploySchema`). */
interface ServeConfig {
  readonly proxy_location: string;
  readonly http_options: { readonly host: string; readonly port: number };
  readonly applications: {
    readonly name: string;
    readonly route_prefix: string;
    readonly import_path: string;
    readonly args: {
      readonly llm_configs: LlmConfig[];
      readonly ingress_deployment_config: DeploymentConfig;
    };
  }[];
}

/** Requests in flight per copy of the HTTP front end, which only passes them on. */
const FRONT_END_REQUESTS = 100;

/**
 * The application that serves a model with the OpenAI API: vLLM in replicas that are scaled by the requests in flight,
 * behind a front end. Nothing is installed at the start: the image has all of it.
 *
 * @internal
 */
export function serveConfig(props: ServeConfigProps): string {
  const { context, engine, replicas } = props;
  const { model, ...keywords } = engine.keywords ?? {};
  const config: ServeConfig = {
    proxy_location: 'EveryNode',
    http_options: { host: '0.0.0.0', port: 8000 },
    applications: [
      {
        name: 'llm',
        route_prefix: '/',
        import_path: 'ray.serve.llm:build_openai_app',
        args: {
          llm_configs: [
            {
              model_loading_config: { model_id: context.servedName, model_source: String(model) },
              engine_kwargs: { ...keywords, ...engine.serverKeywords },
              deployment_config: { ...modelReplicas(props), graceful_shutdown_timeout_s: context.drainSeconds },
              ...(props.loraPath && { lora_config: { dynamic_lora_loading_path: props.loraPath } }),
            },
          ],
          ingress_deployment_config: {
            autoscaling_config: {
              min_replicas: Math.min(2, replicas.min), // one may be lost without an interruption, where there are two workers
              max_replicas: replicas.max,
              target_ongoing_requests: FRONT_END_REQUESTS,
            },
          },
        },
      },
    ],
  };
  return stringify(config, { lineWidth: 0, aliasDuplicateObjects: false });
}

function modelReplicas({ replicas, startupSeconds }: ServeConfigProps): DeploymentConfig {
  const { requests } = replicas;
  if (!replicas.autoscaled || !requests) return { num_replicas: replicas.min };
  return {
    autoscaling_config: {
      min_replicas: replicas.min,
      initial_replicas: replicas.min,
      max_replicas: replicas.max,
      target_ongoing_requests: requests.inFlight,
      upscale_delay_s: requests.scaleUpSeconds,
      downscale_delay_s: requests.scaleDownSeconds ?? settleSeconds(startupSeconds),
    },
  };
}
