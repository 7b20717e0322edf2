export * from './benchmark';
export * from './benchmark-result';
export * from './benchmark-scenario';
export * from './guidellm';
export * from './inference-perf';
