export * from './engine';
export * from './lora';
export * from './sglang';
export * from './vllm';
export * from './vllm-options';
