/** A Prometheus to read the engine's metrics from. */
export interface PrometheusSource {
  /** Base of its query API: `http://prometheus.monitoring:9090`, or the query endpoint of an Amazon Managed Prometheus workspace. */
  readonly serverAddress: string;
  /**
   * AWS region of an Amazon Managed Prometheus workspace. Requests are signed then, with the identity of KEDA's operator.
   * @default - requests are not signed
   */
  readonly awsRegion?: string;
  /**
   * Name of an existing TriggerAuthentication in the model server's namespace.
   * @default - none, or with `awsRegion` one that uses the identity of KEDA's operator
   */
  readonly authenticationName?: string;
}
