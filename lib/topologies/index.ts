export * from './disaggregated';
export * from './multi-node';
export * from './ray';
export * from './ray-options';
export * from './serving-pod';
export * from './single-node';
export * from './topology';
