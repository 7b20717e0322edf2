import { k8s } from 'cdk8s-plus-34';
import { Versions } from '../../versions';

/** What the containers that split requests are made from. */
export interface PrefillRouterProps {
  /** Port that takes requests. */
  readonly port: number;
  /** Port of the engine in the same pod. */
  readonly enginePort: number;
  /** Where prefill takes requests: `host:port`. */
  readonly prefillAddress: string;
  /** Whether a gateway may choose the prefill pod, by the header of the request. */
  readonly acceptHeader: boolean;
}

/** Header in which llm-d's sidecar is told who prefills (llm-d-router `pkg/common/routing`). */
const PREFILL_HEADER = 'x-prefiller-host-port';

/**
 * The two containers in front of a decode engine. llm-d's sidecar has the prompt read by prefill, and hands the answer,
 * which says where the KV cache is, to the engine beside it. It asks whom the header of a request names: normally a
 * gateway writes it; here Envoy does, so that the server works behind a plain Service.
 *
 * @internal
 */
export function prefillRouter(props: PrefillRouterProps): k8s.Container[] {
  const sidecarPort = props.port + 1;
  return [
    {
      name: 'prefill-sidecar',
      image: Versions.LLM_D_SIDECAR_IMAGE,
      args: [
        `--port=${sidecarPort}`,
        `--vllm-port=${props.enginePort}`,
        '--kv-connector=nixlv2',
        '--secure-proxy=false', // only Envoy beside it talks to it
      ],
      resources: resources('100m', '256Mi'),
      securityContext: security(),
    },
    {
      name: 'router',
      image: Versions.ENVOY_IMAGE,
      command: ['envoy'],
      args: ['--config-yaml', JSON.stringify(envoyConfig(props, sidecarPort)), '--log-level', 'warn'],
      ports: [{ name: 'http', containerPort: props.port }],
      readinessProbe: {
        httpGet: { path: '/health', port: k8s.IntOrString.fromString('http') },
        periodSeconds: 5,
        timeoutSeconds: 5,
        failureThreshold: 3,
      },
      resources: resources('100m', '256Mi'),
      securityContext: security(),
    },
  ];
}

/** A static configuration of Envoy (v3): one listener, one route, one header. */
function envoyConfig({ port, prefillAddress, acceptHeader }: PrefillRouterProps, sidecarPort: number): object {
  const unlimited = '0s'; // answers stream for as long as they take
  return {
    static_resources: {
      listeners: [
        {
          name: 'requests',
          address: { socket_address: { address: '0.0.0.0', port_value: port } },
          filter_chains: [
            {
              filters: [
                {
                  name: 'envoy.filters.network.http_connection_manager',
                  typed_config: {
                    '@type': 'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager',
                    stat_prefix: 'requests',
                    stream_idle_timeout: unlimited,
                    route_config: {
                      virtual_hosts: [
                        {
                          name: 'model-server',
                          domains: ['*'],
                          routes: [{ match: { prefix: '/' }, route: { cluster: 'prefill-sidecar', timeout: unlimited } }],
                          request_headers_to_add: [
                            {
                              header: { key: PREFILL_HEADER, value: prefillAddress },
                              // a client that named the host itself could reach any
                              append_action: acceptHeader ? 'ADD_IF_ABSENT' : 'OVERWRITE_IF_EXISTS_OR_ADD',
                            },
                          ],
                        },
                      ],
                    },
                    http_filters: [
                      {
                        name: 'envoy.filters.http.router',
                        typed_config: { '@type': 'type.googleapis.com/envoy.extensions.filters.http.router.v3.Router' },
                      },
                    ],
                  },
                },
              ],
            },
          ],
        },
      ],
      clusters: [
        {
          name: 'prefill-sidecar',
          type: 'STATIC',
          connect_timeout: '5s',
          load_assignment: {
            cluster_name: 'prefill-sidecar',
            endpoints: [
              { lb_endpoints: [{ endpoint: { address: { socket_address: { address: '127.0.0.1', port_value: sidecarPort } } } }] },
            ],
          },
        },
      ],
    },
  };
}

function resources(cpu: string, memory: string): k8s.ResourceRequirements {
  return {
    requests: { cpu: k8s.Quantity.fromString(cpu), memory: k8s.Quantity.fromString(memory) },
    limits: { memory: k8s.Quantity.fromString(memory) },
  };
}

/** Both images have this user. */
function security(): k8s.SecurityContext {
  return {
    runAsUser: 65532,
    runAsGroup: 65532,
    runAsNonRoot: true,
    readOnlyRootFilesystem: true,
    allowPrivilegeEscalation: false,
    capabilities: { drop: ['ALL'] },
  };
}
