export default async function globalTeardown(): Promise<void> {
  const ended: string[] = [];
  await Promise.all((globalThis.inferenceBoxes ?? []).map(async (box) => {
    const { casualties } = box;
    await box.stop({ keepLogs: process.env.BOX_KEEP_LOGS !== undefined || casualties.length > 0 });
    if (casualties.length > 0) ended.push(`${casualties.join('; ')} (logs: ${box.logs})`);
  }));
  if (ended.length > 0) throw new Error(`box: ${ended.join('; ')}`);
}
