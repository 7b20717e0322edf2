export * from './engine';
export * from './lora';
export * from './vllm';
