import Table from 'cli-table3';

/** A table without frames and colours: a log keeps it readable, and two spaces or more part its columns. */
export function plainTable(head: string[]): Table.Table {
  const none = { left: '', right: '', 'left-mid': '', 'right-mid': '', top: '', 'top-mid': '', 'top-left': '', 'top-right': '' };
  const bottom = { bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '', mid: '', 'mid-mid': '' };
  return new Table({
    head,
    chars: { ...none, ...bottom, middle: '  ' },
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  });
}
