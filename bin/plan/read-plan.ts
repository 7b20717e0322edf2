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
  if (!existsSync(path)) throw new Error(`'${path}' does not exist: name a config file, or synthesize first, with npm run synth or cdk synth`);
  const files = statSync(path).isDirectory() ? plansIn(path) : [path];
  if (files.length === 0) {
    throw new Error(`'${path}' has no ${InferencePlan.FILE}: add new InferencePlan(stack, 'Plan', { inference }) to the app`);
  }
  if (files.length > 1) throw new Error(`'${path}' has ${files.length} plans: name one of ${files.join(', ')}`);
  const plan = parsed(files[0]);
  if (plan.formatVersion === undefined) throw new Error(`'${files[0]}' is no plan: name a config file (.yaml), or the cdk.out of an app with an InferencePlan`);
  if (plan.formatVersion !== 1) throw new Error(`'${files[0]}' has format ${plan.formatVersion}, and this version reads 1: synthesize again`);
  return plan as Plan; // written by synth
}

function parsed(file: string): Partial<Plan> {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Partial<Plan>; // only its version is relied on
  } catch {
    throw new Error(`'${file}' is no plan: name a config file (.yaml), or the cdk.out of an app with an InferencePlan`);
  }
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
