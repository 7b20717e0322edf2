export * from './auto-mode-node-class';
export * from './ec2-node-class';
export * from './leader-worker-set';
export * from './node-overlay';
export * from './node-pool';
export * from './pod-monitor';
export * from './scaled-object';
export * from './trigger-authentication';
