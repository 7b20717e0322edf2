export default async function globalTeardown(): Promise<void> {
  const box = globalThis.inferenceBox;
  if (box === undefined) return;
  const { casualties } = box;
  await box.stop({ keepLogs: process.env.BOX_KEEP_LOGS !== undefined || casualties.length > 0 });
  if (casualties.length > 0) throw new Error(`box: ${casualties.join('; ')} (logs: ${box.logs})`);
}
