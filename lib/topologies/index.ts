export * from './multi-node';
export * from './serving-pod';
export * from './single-node';
export * from './topology';
