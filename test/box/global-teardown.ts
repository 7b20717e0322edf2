export default async function globalTeardown(): Promise<void> {
  await globalThis.inferenceBox?.stop({ keepLogs: process.env.BOX_KEEP_LOGS !== undefined });
}
