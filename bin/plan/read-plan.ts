import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { InferencePlan } from '../../constructs/inference-plan';
import type { Plan } from '../../lib/plan/plan';

/**
 * The plan that synth has written into a cloud assembly, nested assemblies included.
 *
 * @param path folder of the assembly, `cdk.out`, or the file of one plan
 * @throws when there is none, or several
 */
export function readPlan(path: string): Plan {
  if (!existsSync(path)) throw new Error(`'${path}' does not exist: synthesize first, with npm run synth or cdk synth`);
  const files = statSync(path).isDirectory() ? plansIn(path) : [path];
  if (files.length === 0) {
    throw new Error(`'${path}' has no ${InferencePlan.FILE}: add new InferencePlan(stack, 'Plan', { inference }) to the app`);
  }
  if (files.length > 1) throw new Error(`'${path}' has ${files.length} plans: name one of ${files.join(', ')}`);
  const plan = JSON.parse(readFileSync(files[0], 'utf8')) as Plan; // written by synth, and checked next
  if (plan.formatVersion !== 1) throw new Error(`'${files[0]}' has format ${plan.formatVersion}, and this version reads 1: synthesize again`);
  return plan;
}

function plansIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return basename(path).startsWith('assembly-') ? plansIn(path) : [];
      return entry.name.endsWith(InferencePlan.FILE) ? [path] : [];
    });
}
