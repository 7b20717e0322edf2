import type { Accelerator } from '../accelerators/accelerator';
import type { Discount, ThroughputProfile } from '../cost';

/** Share of list price that is paid. */
export function paidShare({ committed = 0, spotShare = 0, spot = 0 }: Discount = {}): number {
  return spotShare * (1 - spot) + (1 - spotShare) * (1 - committed);
}

/** @throws when a share is none */
export function checkDiscount(name: string, discount: Discount = {}): void {
  for (const [prop, share] of Object.entries(discount)) {
    if (share !== undefined && !(share >= 0 && share <= 1)) {
      throw new Error(`'${prop}' of '${name}' (${share}) must be a share between 0 and 1: write 0.3 for 30 %`);
    }
  }
}

/** Cost of a million tokens of something that costs so much an hour and generates so many a second. */
export function usdPerMillionTokens(usdPerHour: number, tokensPerSecond: number): number {
  return usdPerHour / ((tokensPerSecond * 3600) / 1e6);
}

/** @throws when the rate is none */
export function checkRate(name: string, { outputTokensPerSecond }: ThroughputProfile): void {
  if (!(outputTokensPerSecond > 0 && Number.isFinite(outputTokensPerSecond))) {
    throw new Error(`'outputTokensPerSecond' of '${name}' (${outputTokensPerSecond}) must be greater than 0`);
  }
}

/** That a rate was measured on another instance type, which says nothing of this one. */
export function measuredElsewhere(name: string, { instanceType }: ThroughputProfile, accelerator: Accelerator): string | undefined {
  if (instanceType === accelerator.instanceType) return undefined;
  return `'throughput' of '${name}' was measured on ${instanceType} and the server runs on ${accelerator.instanceType}: measure it there`;
}

/** @throws when the rate is none, or is that of another instance type */
export function checkThroughput(name: string, throughput: ThroughputProfile, accelerator: Accelerator): void {
  checkRate(name, throughput);
  const elsewhere = measuredElsewhere(name, throughput, accelerator);
  if (elsewhere) throw new Error(elsewhere);
}
