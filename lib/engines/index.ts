export * from './engine';
export * from './lora';
export * from './vllm';
export * from './vllm-options';
