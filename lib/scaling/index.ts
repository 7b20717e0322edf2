export * from './fixed-replicas';
export * from './scaling';
