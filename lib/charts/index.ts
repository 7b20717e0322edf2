export * from './benchmark-chart';
export * from './model-copy-chart';
export * from './model-server-chart';
export * from './model-server-network-policy';
export * from './node-pool-chart';
export * from './wait-for-weights';
