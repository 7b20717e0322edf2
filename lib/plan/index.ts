export * from './fit-answer';
export * from './plan';
export * from './planned-cluster';
export * from './planned-cold-start';
export * from './planned-cost';
export * from './planned-fit';
export * from './planned-model';
export * from './planned-placement';
