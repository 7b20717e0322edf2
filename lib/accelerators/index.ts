export * from './accelerator';
export * from './accelerator-attributes';
export * from './accelerator-kind';
export * from './node-labels';
