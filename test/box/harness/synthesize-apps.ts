/**
 * Runs app files one after another in one process, each as the CDK command would: a process for each would load the library anew.
 *
 *   node -r …/register.js …/synthesize-apps.ts FILE     FILE: JSON list of { file, context, outdir }
 */
import { readFileSync } from 'node:fs';

interface Run {
  readonly file: string;
  readonly context: object;
  readonly outdir: string;
}

async function main(): Promise<void> {
  process.setMaxListeners(0); // each app is synthesized when the process is about to end
  for (const { file, context, outdir } of JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as Run[]) {
    process.env.CDK_OUTDIR = outdir;
    process.env.CDK_CONTEXT_JSON = JSON.stringify(context);
    delete require.cache[file];
    await import(file);
  }
}

main().catch((error: unknown) => {
  console.error(`${process.env.CDK_OUTDIR}: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
});
