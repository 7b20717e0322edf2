export * from './fixed-replicas';
export * from './hpa-scaling';
export * from './prometheus-source';
export * from './queue-scaling';
export * from './scaling';
export * from './scaling-schedule';
