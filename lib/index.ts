export * from './accelerators';
export * from './charts';
export * from './engines';
export * from './models';

export * from './parallelism';
export * from './placement';
export * from './resources';
export * from './scaling';
export * from './topologies';
export * from './versions';
