export * from './model';
export * from './model-architecture';
export * from './model-options';
export * from './model-recommendation';
export * from './model-task';
export * from './weights';
export * from './weights-format';
