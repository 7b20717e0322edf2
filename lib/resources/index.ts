export * from './auto-mode-node-class';
export * from './ec2-node-class';
export * from './node-overlay';
export * from './node-pool';
export * from './pod-monitor';
