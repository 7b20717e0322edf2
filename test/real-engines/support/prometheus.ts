/** A sample of a Prometheus exposition. */
export interface Sample {
  readonly name: string;
  readonly labels: { readonly [name: string]: string };
  readonly value: number;
}

/** The samples of an address. */
export async function scrape(url: string, headers: { [name: string]: string } = {}): Promise<Sample[]> {
  const response = await fetch(url, { headers, signal: AbortSignal.timeout(30_000) });
  if (response.status !== 200) throw new Error(`${url} answered ${response.status}`);
  return parse(await response.text());
}

export function parse(text: string): Sample[] {
  return text.split('\n').flatMap((line) => {
    const match = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)/.exec(line);
    if (!match) return [];
    const labels = [...(match[2] ?? '').matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, name, value]) => [name, value]);
    return [{ name: match[1], labels: Object.fromEntries(labels), value: Number(match[3]) }];
  });
}

/** Whether a metric is there: a gauge or counter by its name, a histogram by its buckets. */
export function has(samples: readonly Sample[], metric: string, labels: { readonly [name: string]: string } = {}): boolean {
  return samples.some(({ name, labels: got }) =>
    (name === metric || name === `${metric}_bucket`) && Object.entries(labels).every(([label, value]) => got[label] === value));
}
