export * from './model-server-chart';
