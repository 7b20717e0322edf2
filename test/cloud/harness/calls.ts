/** One call of kubectl or helm, as the stand-in wrote it down. */
export interface ToolCall {
  readonly tool: 'kubectl' | 'helm';
  readonly args: readonly string[];
  readonly objects?: ReadonlyArray<{ readonly apiVersion: string; readonly kind: string; readonly metadata: { readonly name: string } }>;
  /** Values of a Helm release. */
  readonly values?: Readonly<Record<string, unknown>>;
}

/** A call in the words of a reader: `helm upgrade karpenter`, `kubectl create EC2NodeClass/gpu NodePool/gpu`. */
export function inWords({ tool, args, objects = [] }: ToolCall): string {
  const what = tool === 'helm' ? [args[1]] : objects.map(({ kind, metadata }) => `${kind}/${metadata.name}`);
  return [tool, args[0], ...what].join(' ');
}
