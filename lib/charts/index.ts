export * from './model-server-chart';
export * from './node-pool-chart';
