/**
 * A number with two digits after the point: estimates are not better, and files that two machines write are the same.
 *
 * @internal
 */
export function hundredth(value: number): number {
  return Math.round(value * 100) / 100;
}

/**
 * An amount of US dollars to a hundredth of a cent.
 *
 * @internal
 */
export function dollars(value: number | undefined): number | undefined {
  return value === undefined ? undefined : Math.round(value * 10_000) / 10_000;
}
