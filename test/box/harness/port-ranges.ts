const LAST = 65_535;

/** A set of ports, as ranges in order that do not touch. */
export class PortRanges {
  public static readonly NONE = new PortRanges([]);
  public static readonly ALL = new PortRanges([[1, LAST]]);

  /** The ports from `first` to `last`, both included. */
  public static of(first: number, last: number = first): PortRanges {
    return first > last ? PortRanges.NONE : new PortRanges([[first, last]]);
  }

  private constructor(private readonly ranges: readonly (readonly [first: number, last: number])[]) {}

  public union(other: PortRanges): PortRanges {
    const merged: [number, number][] = [];
    for (const [first, last] of [...this.ranges, ...other.ranges].sort(([a], [b]) => a - b)) {
      const previous = merged.at(-1);
      if (previous !== undefined && first <= previous[1] + 1) previous[1] = Math.max(previous[1], last);
      else merged.push([first, last]);
    }
    return new PortRanges(merged);
  }

  public intersection(other: PortRanges): PortRanges {
    return new PortRanges(this.ranges.flatMap(([first, last]) => other.ranges
      .map(([otherFirst, otherLast]): [number, number] => [Math.max(first, otherFirst), Math.min(last, otherLast)])
      .filter(([start, end]) => start <= end)));
  }

  public has(port: number): boolean {
    return this.ranges.some(([first, last]) => first <= port && port <= last);
  }

  /** "none", "all", or as a table shows it: "53, 443, 8000-8010". */
  public toString(): string {
    if (this.ranges.length === 0) return 'none';
    if (this.ranges.some(([first, last]) => first === 1 && last === LAST)) return 'all';
    return this.ranges.map(([first, last]) => (first === last ? String(first) : `${first}-${last}`)).join(', ');
  }
}
